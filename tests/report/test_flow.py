import re

from textdl.report.flow import BOX, HEIGHT, Box, flow


def rectangles(svg):
    names = re.findall(r"<title>(.*?):", svg)
    places = re.findall(r'<rect x="(\d+)" y="(\d+)"', svg)
    return dict(zip(names, ((int(x), int(y)) for x, y in places), strict=True))


DIAMOND = [
    Box("text", "cached", "cached"),
    Box("left", "1 s", "computed", ("text",)),
    Box("right", "2 s", "computed", ("text",)),
    Box("end", "3 s", "computed", ("left", "right", "text")),
    Box("lost", "no result", "missing"),
]


def test_sources_are_to_the_left_and_nothing_overlaps():
    places = rectangles(flow(DIAMOND, "it").svg)
    for box in DIAMOND:
        assert all(places[source][0] + BOX < places[box.name][0] for source in box.sources)
    corners = list(places.values())
    for i, (x, y) in enumerate(corners):
        for other_x, other_y in corners[:i]:
            assert x != other_x or abs(y - other_y) > HEIGHT


def test_an_arrow_leads_to_each_box_from_each_source():
    svg = flow(DIAMOND, "it").svg
    assert svg.count("m-6 -4l6 4l-6 4") == 5
    assert svg.count(f"h{BOX}") == 1


def test_arrows_do_not_cross_where_they_need_not():
    boxes = [
        *(Box(f"a{i}", "", "cached") for i in range(4)),
        *(Box(f"b{i}", "", "cached", (f"a{3 - i}",)) for i in range(4)),
    ]
    places = rectangles(flow(boxes, "it").svg)
    order = sorted(range(4), key=lambda i: places[f"a{i}"][1])
    assert sorted(range(4), key=lambda i: places[f"b{3 - i}"][1]) == order


def test_states_differ_by_more_than_colour():
    svg = flow(DIAMOND, "<it>").svg
    assert svg.count('<g class="computed">') == 3
    assert '<g class="cached">' in svg
    assert ">cached</text>" in svg
    assert 'aria-label="&lt;it&gt;"' in svg


def test_the_empty_pipeline_is_drawn_too():
    assert flow([Box("a", "", "missing")], "one").svg.count("<rect") == 1
