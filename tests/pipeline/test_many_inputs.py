"""A stage that takes the results of several others by their names."""

FILE = """
[read]
source = "SOURCE"

[up]
uses = "change"
inputs = { text = "read" }

[down]
uses = "change"
inputs = { text = "read" }
case = "lower"

[collect]
inputs = { texts = ["up", "down"] }
"""


def write(workshop, wires='"up", "down"'):
    text = FILE.replace("SOURCE", str(workshop.source))
    workshop.write(text.replace('"up", "down"', wires))


def test_results_arrive_by_name_in_order(workshop):
    workshop.source.write_text("aB")
    write(workshop)
    run = workshop.run()
    assert run.collect.content == "up=AB,down=ab"
    assert run.stages["collect"]["content"]["inputs"] == {
        "texts": [[name, run.stages[name]["digest"]] for name in ("up", "down")]
    }
    workshop.run()
    assert "collect: cached" in workshop.log


def test_names_and_order_are_part_of_the_key(workshop):
    write(workshop)
    workshop.run()
    write(workshop, '"down", "up"')
    assert workshop.plan()["collect"] == ("run", "the order of the inputs changed")
    assert workshop.run().collect.content == "down=abc,up=ABC"
    write(workshop, '"down"')
    assert workshop.plan()["collect"] == ("run", "input up changed")
    write(workshop)
    assert workshop.plan()["collect"][0] == "cached"


def test_a_changed_member_is_the_reason(workshop):
    write(workshop)
    workshop.run()
    changed = {"down.case": "upper"}
    assert workshop.plan(changed)["collect"] == ("run", "input down changed")
    run = workshop.run(changed)
    assert "collect: runs (input down changed)" in workshop.log
    assert run.collect.content == "up=ABC,down=ABC"


def test_until_a_stage_of_several_inputs_takes_them_all(workshop):
    write(workshop)
    pipeline = workshop.pipeline().until("collect")
    assert {node.name for node in pipeline.nodes} == {"read", "up", "down", "collect"}
    assert {node.name for node in workshop.pipeline().until("up").nodes} == {"read", "up"}


def test_it_waits_for_all_of_them(workshop):
    write(workshop)
    assert workshop.plan()["collect"] == ("depends", "waits for up and down")
