"""The page of a run as a browser shows it. With ``TEXTDL_AXE``, the path of axe-core's script
``axe.min.js``, its accessibility is checked too."""

import json
import os
import shutil
from pathlib import Path

import pytest
from report.toy_run import write_run

from textdl.report.page import Section, page_of
from textdl.report.parts import Mistake, Mistakes, Table
from textdl.report.run import write_run_report

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no chromium with chromedriver"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def address(results, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    path = folder / "report.html"
    write_run_report(write_run(folder, results), lambda digest: folder / digest, path)
    return path.as_uri()


@pytest.fixture
def page(browser, address):
    browser.get_log("browser"), browser.get_log("performance")
    browser.get(address)
    yield browser
    problems = [e for e in browser.get_log("browser") if e["level"] in ("SEVERE", "WARNING")]
    assert problems == []


def drawn(page):
    """The map, when it is there."""
    from selenium.webdriver.support.wait import WebDriverWait

    place = page.find_element("css selector", ".map")
    WebDriverWait(page, 30).until(lambda _: place.get_attribute("data-drawn") == "yes")
    return place


def cells(page, column):
    return page.execute_script(
        "return [...document.querySelector('#leaderboard table').tBodies[0].rows]"
        f".map((row) => row.cells[{column}].textContent)"
    )


def test_no_request_leaves_the_page(page, address):
    drawn(page)
    events = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    sent = [e["params"] for e in events if e["method"] == "Network.requestWillBeSent"]
    asked = {its["request"]["url"] for its in sent}
    assert address in asked
    assert {url for url in asked if not url.startswith(("data:", "blob:"))} == {address}


def test_a_click_on_a_heading_sorts(page):
    heading = page.find_elements("css selector", "#leaderboard thead th")[2]
    assert heading.text.startswith("accuracy")
    button = heading.find_element("css selector", "button")
    before = [float(cell.split()[0]) for cell in cells(page, 2)]
    assert len(set(before)) == 2
    button.click()
    assert heading.get_attribute("aria-sort") == "descending"
    assert [float(cell.split()[0]) for cell in cells(page, 2)] == sorted(before, reverse=True)
    button.click()
    assert heading.get_attribute("aria-sort") == "ascending"
    assert [float(cell.split()[0]) for cell in cells(page, 2)] == sorted(before)
    page.find_element("css selector", "#leaderboard thead button").click()
    assert heading.get_attribute("aria-sort") is None
    assert cells(page, 0) == sorted(cells(page, 0))


def test_words_are_found_on_the_map(page):
    place = drawn(page)
    box = place.find_element("css selector", "input")
    box.send_keys("good")
    assert place.find_element("css selector", "output").text == "1 found"
    found = page.execute_script(
        "const plot = Bokeh.documents[0].roots()[0], source = plot.select_one('found').data_source;"
        "return [source.data.word, source.data.x[0], plot.x_range.start, plot.x_range.end]"
    )
    assert found[0] == ["good"]
    assert found[2] < found[1] < found[3]
    box.send_keys("ness")
    assert place.find_element("css selector", "output").text == "not on the map"
    box.send_keys("\ue003" * len("goodness"))  # backspace
    assert page.execute_script(
        "const { x_range, y_range } = Bokeh.documents[0].roots()[0];"
        "return [x_range, y_range].every((its) => its.start === its.reset_start "
        "&& its.end === its.reset_end)"
    )


def test_a_dark_map_is_printed_as_a_light_one(page):
    place = drawn(page).find_element("css selector", ".plot")
    page.find_element("id", "theme").click()
    assert place.value_of_css_property("filter") == "none"
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert "invert(1)" in place.value_of_css_property("filter")
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    page.find_element("id", "theme").click()


def test_without_a_script_there_is_no_empty_frame(page, address):
    page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    page.get(address)
    place = page.find_element("css selector", ".map")
    found = [
        place.find_element("css selector", name).value_of_css_property("display")
        for name in ("noscript", ".search", ".plot")
    ]
    page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert found == ["inline", "none", "none"]


SORTED = {
    "numbers": ["1e-05", "2", "50.0% of 20", "1,000"],
    "seconds": ["4.5 s", "12.0 s", "47.0 s", "3,720.0 s"],
    "counts": ["9: 9 computed", "12: 3 computed", "100: 3 computed", "100: 12 computed"],
    "some": ["-1", "3", "inf", "nan"],
}


@pytest.mark.parametrize("column", SORTED)
def test_columns_are_sorted_by_what_they_tell(browser, tmp_path, column):
    ordered = SORTED[column]
    rows = [[str(i), ordered[i]] for i in (2, 0, 3, 1)]
    table = Table("It", ["", column], rows, numeric=True)
    path = tmp_path / "page.html"
    path.write_text(page_of("It", "", [Section("Leaderboard", [], [table])]), "utf-8")
    browser.get(path.as_uri())
    heading = browser.find_element("css selector", "thead th")
    turns = {}
    for _ in range(2):
        heading.find_element("css selector", "button").click()
        turns[heading.get_attribute("aria-sort")] = cells(browser, 1)
    assert turns["ascending"] == ordered
    numbers = 2 if column == "some" else 4
    assert turns["descending"] == [*ordered[:numbers][::-1], *ordered[numbers:][::-1]]


@pytest.mark.parametrize("width", [360, 1200])
def test_long_words_wrap(browser, tmp_path, width):
    words = [("a" * 120, 1.0), ("שלום", 0.0)]
    mistakes = Mistakes("m" * 120, [Mistake("s" * 120, "t" * 120, 0.5, words)])
    table = Table("It", ["", "n" * 120], [["r" * 120, "3, 4, " * 50]], numeric=True)
    path = tmp_path / "page.html"
    page = page_of("It" * 60, "w" * 120, [Section("h" * 120, ["n" * 120], [mistakes, table])])
    path.write_text(page, "utf-8")
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get(path.as_uri())
    wide = browser.execute_script("return document.documentElement.scrollWidth")
    cell = browser.execute_script("return document.querySelector('td').offsetWidth")
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert wide <= width
    assert cell <= min(0.8 * width, 736) + 1


def test_names_are_shown_on_the_map(page):
    drawn(page)
    names = page.execute_script(
        "return Bokeh.documents[0].roots()[0].select_one('names').data_source.data.word"
    )
    assert len(names) > 5


def test_the_theme_can_be_switched_and_is_remembered(page, address):
    def paper():
        return page.execute_script("return getComputedStyle(document.body).backgroundColor")

    light = paper()
    page.find_element("id", "theme").click()
    dark = paper()
    assert dark != light
    page.get(address)
    assert paper() == dark
    page.find_element("id", "theme").click()
    assert paper() == light


@pytest.mark.parametrize("width", [360, 1200])
def test_the_page_is_not_wider_than_the_screen(page, address, width):
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    page.get(address)
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(page, address, theme):
    script = Path(os.environ.get("TEXTDL_AXE", "absent"))
    if not script.is_file():
        pytest.skip("TEXTDL_AXE names no axe.min.js")
    feature = {"name": "prefers-color-scheme", "value": theme}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    page.get(address)
    drawn(page)
    page.execute_script(script.read_text("utf-8"))
    found = page.execute_async_script(
        "const done = arguments[0]; axe.run().then((result) => done(result.violations.map("
        "(its) => [its.impact, its.id, its.nodes[0].html])))"
    )
    assert [its for its in found if its[0] in ("serious", "critical")] == []
