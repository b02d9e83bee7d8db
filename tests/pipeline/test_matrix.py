"""A stage over lists of settings or inputs, and what follows from it."""

import re

import pytest
from pipeline import toy

from textdl.pipeline import PipelineError

FILE = """
[read]
source = "SOURCE"

[again]
uses = "read"
source = "SOURCE"
times = 2

[case]
uses = "change"
inputs = { text = "read" }
matrix = { case = ["upper", "lower"] }
"""


def write(workshop, more="", file=FILE):
    workshop.write(file.replace("SOURCE", str(workshop.source)) + more)


def names(workshop, table):
    return [node.name for node in workshop.pipeline().nodes if node.table == table]


def test_a_list_of_settings_makes_a_cell_of_each(workshop):
    write(workshop)
    run = workshop.run()
    assert sorted(toy.CALLS) == ["change", "change", "read", "read"]
    assert run["case@case=upper"].content == "ABC"
    assert run["case@case=lower"].content == "abc"
    assert (workshop.places["runs"] / "toy/case@case=upper/text").read_text() == "ABC"
    assert run.stages["case@case=lower"]["settings"] == {"case": "lower"}


def test_a_list_of_inputs_names_its_cells_after_the_stages(workshop):
    write(workshop, '[up]\nuses = "change"\nmatrix = { text = ["read", "again"] }\n')
    run = workshop.run(until="up")
    assert run["up@read"].content == "ABC"
    assert run["up@again"].content == "ABCABC"


def test_two_lists_are_crossed(workshop):
    write(
        workshop,
        '[up]\nuses = "change"\nmatrix = { text = ["read", "again"], case = ["upper", "lower"] }\n',
    )
    assert names(workshop, "up") == [
        "up@read,case=upper", "up@read,case=lower", "up@again,case=upper", "up@again,case=lower",
    ]  # fmt: skip


def test_a_parameter_that_takes_one_fans_out(workshop):
    write(workshop, '[joined]\nuses = "join"\ninputs = { first = "case" }\nbetween = "+"\n')
    run = workshop.run()
    assert run["joined@case=upper"].content == "ABC+nobody"
    assert run["joined@case=lower"].content == "abc+nobody"
    assert run.stages["joined@case=lower"]["inputs"] == {"first": "case@case=lower"}


def test_a_parameter_that_takes_several_gathers(workshop):
    write(workshop, '[collect]\ninputs = { texts = ["case", "again"] }\n')
    assert workshop.run().collect.content == (
        "case@case=upper=ABC,case@case=lower=abc,again=abcabc"
    )


def test_a_parameter_that_takes_several_can_have_lists_of_them(workshop):
    write(workshop, '[collect]\nmatrix = { texts = [["case", "again"], ["again"]] }\n')
    run = workshop.run()
    gathered = [run[name].content for name in run if name.startswith("collect")]
    assert gathered == ["case@case=upper=ABC,case@case=lower=abc,again=abcabc", "again=abcabc"]


def test_two_inputs_from_one_list_take_the_same_value_of_it(workshop):
    write(
        workshop,
        '[deep]\nuses = "change"\ninputs = { text = "case" }\n'
        '[both]\nuses = "join"\ninputs = { first = "case", second = "deep" }\n'
        '[collect]\ninputs = { texts = "case", last = "deep" }\n',
    )
    run = workshop.run()
    assert run["both@case=upper"].content == "ABC-ABC"
    assert run["both@case=lower"].content == "abc-ABC"
    assert names(workshop, "both") == ["both@case=upper", "both@case=lower"]
    gathered = {name: run.stages[name]["inputs"]["texts"] for name in names(workshop, "collect")}
    assert gathered == {
        "collect@case=upper": ("case@case=upper",), "collect@case=lower": ("case@case=lower",),
    }  # fmt: skip


def test_lists_of_different_stages_are_crossed(workshop):
    write(
        workshop,
        f'[more]\nuses = "read"\nsource = "{workshop.source}"\nmatrix = {{ times = [1, 3] }}\n'
        '[both]\nuses = "join"\ninputs = { first = "case", second = "more" }\n',
    )
    run = workshop.run()
    assert len(names(workshop, "both")) == 4
    assert run["both@case=upper,times=3"].content == "ABC-abcabcabc"


def test_a_list_over_a_stage_that_has_one_is_nested(workshop):
    write(
        workshop,
        '[joined]\nuses = "join"\ninputs = { first = "case" }\nmatrix = { between = ["-", "+"] }\n',
    )
    assert names(workshop, "joined") == [
        "joined@between=-,case=upper", "joined@between=-,case=lower",
        "joined@between=+,case=upper", "joined@between=+,case=lower",
    ]  # fmt: skip


def test_the_stage_itself_can_be_in_the_list(workshop):
    workshop.write(
        f'[read]\nsource = "{workshop.source}"\n'
        '[either]\ninputs = { text = "read" }\nmatrix = { uses = ["change", "double"] }\n'
        '[double]\nuses = "change"\ninputs = { text = "read" }\ncase = "lower"\n'
    )
    with pytest.raises(PipelineError, match=r"line 5, either\.matrix: there is no stage 'double'"):
        workshop.pipeline()
    workshop.write(workshop.file.read_text().replace('"double"]', '"fail"]'))
    assert [(n.name, n.stage.name) for n in workshop.pipeline().nodes if n.table == "either"] == [
        ("either@change", "change"), ("either@fail", "fail"),
    ]  # fmt: skip


def test_values_that_are_also_names_of_tables_do_not_make_a_circle(workshop):
    write(
        workshop,
        '[upper]\nuses = "join"\ninputs = { first = "case" }\n'
        '[change]\ninputs = { text = "read" }\nmatrix = { uses = ["change", "fail"] }\n',
    )
    assert names(workshop, "upper") == ["upper@case=upper", "upper@case=lower"]
    assert names(workshop, "change") == ["change@change", "change@fail"]


def test_a_cell_can_be_named_and_stands_for_itself(workshop):
    write(
        workshop,
        '[joined]\nuses = "join"\ninputs = { first = "case@case=upper" }\n'
        '[both]\nuses = "join"\n'
        'inputs = { first = "case@case=lower", second = "case@case=upper" }\n'
        '[picked]\nuses = "join"\nmatrix = { first = ["case@case=lower", "read"] }\n',
    )
    run = workshop.run()
    assert run.joined.content == "ABC-nobody"
    assert run.both.content == "abc-ABC"
    assert run["picked@case,case=lower"].content == "abc-nobody"
    assert names(workshop, "picked") == ["picked@case,case=lower", "picked@read"]


@pytest.mark.parametrize(
    ("matrix", "labels"),
    [
        ("speed = [1e-3, 5e-4, 10.0]", ["speed=0.001", "speed=0.0005", "speed=10.0"]),
        ('tags = [["a", "b"], []]', ["tags=a+b", "tags="]),
        ('source = ["a b/c:d", "é"]', ["source=a-b-c-d", "source=-"]),
    ],
)
def test_names_are_readable(workshop, matrix, labels):
    text = '[read]\nsource = "x"\n' if "source" not in matrix else "[read]\n"
    workshop.write(f"{text}matrix = {{ {matrix} }}\n")
    assert names(workshop, "read") == [f"read@{label}" for label in labels]


def test_a_long_name_is_cut_and_stays_its_own(workshop):
    values = ", ".join(f'"{"x" * 200}{i}"' for i in range(2))
    workshop.write(f"[read]\nmatrix = {{ source = [{values}] }}\n")
    one, other = names(workshop, "read")
    assert one != other
    assert len(one) == len(other) == len("read@") + 100


def test_until_and_force_mean_all_cells_of_a_table_or_one(workshop):
    write(workshop, '[joined]\nuses = "join"\ninputs = { first = "case" }\n')
    assert list(workshop.run(until="case")) == ["read", "case@case=upper", "case@case=lower"]
    one = workshop.run(until="joined@case=lower")
    assert list(one) == ["read", "case@case=lower", "joined@case=lower"]
    workshop.run(force=["case"])
    assert toy.CALLS.count("change") == 2
    workshop.run(force=["case@case=upper"])
    assert toy.CALLS == ["change"]
    with pytest.raises(PipelineError, match="--until: no stage 'case@case=uper': did you mean"):
        workshop.run(until="case@case=uper")


def test_a_new_value_computes_its_cell_and_no_other(workshop):
    write(workshop)
    workshop.run()
    write(workshop, file=FILE.replace('["upper", "lower"]', '["lower", "upper"]'))
    workshop.run()
    assert toy.CALLS == []
    workshop.run({"again.times": 4})
    assert toy.CALLS == ["read"]
    assert workshop.run({"case.matrix.case": ["lower"]}).keys() >= {"case@case=lower"}
    assert toy.CALLS == []


def test_a_cell_and_a_plain_stage_with_the_same_settings_are_one_result(workshop):
    write(workshop, '[plain]\nuses = "change"\ninputs = { text = "read" }\ncase = "lower"\n')
    workshop.run()
    assert toy.CALLS.count("change") == 2
    assert "plain: cached" in workshop.log or "case@case=lower: cached" in workshop.log


def test_one_failed_cell_does_not_stop_the_others(workshop):
    write(
        workshop,
        '[either]\ninputs = { text = "read" }\nmatrix = { uses = ["fail", "change"] }\n'
        '[joined]\nuses = "join"\ninputs = { first = "either" }\n',
    )
    with pytest.raises(Exception, match="stage 'either@fail' failed"):
        workshop.run(until="joined", keep_going=True)
    assert "joined@fail: not run, because either@fail failed" in workshop.log
    assert "joined@change: done" in workshop.log
    assert (workshop.places["runs"] / "toy/joined@change/text").read_text() == "ABC-nobody"


CASE = '[read]\nsource = "x"\n[change]\ninputs = { text = "read" }\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (CASE + "matrix = 3\n", r"line 5, change.matrix: write it as { setting = [value, …], … }"),
        (CASE + 'matrix = { case = "upper" }\n', r"line 5, change.matrix: write it as"),
        (CASE + "matrix = { case = [] }\n", "line 5, change.matrix: case needs values"),
        (CASE + 'matrix = { case = ["upper", "upper"] }\n', "case needs values, each of them once"),
        (
            CASE + 'case = "upper"\nmatrix = { case = ["upper", "lower"] }\n',
            "line 6, change.matrix: case stands in the table too: take one away",
        ),
        (
            CASE + 'matrix = { case = ["upper", "uper"] }\n',
            "line 5, change.matrix: case: .*, not 'uper'",
        ),
        (
            CASE + 'matrix = { cas = ["upper"] }\n',
            "line 5, change.matrix: cas: change has no such setting: did you mean 'case'",
        ),
        (
            '[read]\nsource = "x"\n[change]\nmatrix = { text = ["raed"] }\n',
            "line 4, change.matrix: no stage 'raed' for 'text': did you mean 'read'",
        ),
        (
            '[read]\nsource = "x"\n[join]\nmatrix = { first = ["read", "join"] }\n',
            "the stages wait for each other: join → join",
        ),
        (
            '[read]\nmatrix = { source = ["a b", "a-b"] }\n',
            "line 2, read.matrix: two cells are called 'read@source=a-b'",
        ),
        (
            '["read@times=1"]\nuses = "read"\nsource = "x"\n'
            '[read]\nsource = "y"\nmatrix = { times = [1] }\n',
            "line 6, read.matrix: two cells are called 'read@times=1'",
        ),
        ("[read]\nmatrix = { uses = [3] }\n", "line 2, read.matrix: names a stage"),
        (
            CASE + "matrix = { case = [1979-05-27] }\n",
            "change.matrix: case: write a string, number",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(workshop, text, message):
    workshop.write(text)
    with pytest.raises(PipelineError, match=re.sub(r"([][{}.])(?!\*)", r"\\\1", message)):
        workshop.pipeline()
