from report.test_report import Page

from textdl.report.page import Section, named, page_of
from textdl.report.parts import Map


def test_names_that_are_taken_get_a_number():
    assert named("Map: glove@x=-0.5", ["other"]) == "map-glove-x-0-5"
    assert named("Map: glove@x=0.5", ["map-glove-x-0-5"]) == "map-glove-x-0-5-2"
    assert named("地图", ["part", "part-2"]) == "part-3"


def test_sections_whose_names_are_alike_are_all_shown():
    sections = [Section(f"Map: glove@x={x}", [f"Of {x}."], []) for x in ("-0.5", "0.5", "0_5")]
    page = page_of("Maps", "", sections)
    addresses = [its for its in Page(page).addresses if its.startswith("#")]
    assert addresses == [f"#map-glove-x-0-5{number}" for number in ("", "-2", "-3")]
    for section, address in zip(sections, addresses, strict=True):
        place = page.index(f'<section id="{address[1:]}">')
        assert page[place:].index(section.notes[0]) < page[place:].index("</section>")


def test_without_a_script_a_map_says_so():
    page = page_of("Map", "", [Section("Map", [], [Map({}, "Words.")])])
    assert page.index('class="map"') < page.index("<noscript><p>The map is drawn by JavaScript")
