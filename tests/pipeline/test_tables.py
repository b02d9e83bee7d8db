"""What a pipeline file says together with what it extends, the environment and overrides."""

import json
import tomllib

import pytest
import tomli_w
from pipeline import toy

from textdl.pipeline import PipelineError, parse_overrides

BASE = """
[pipeline]
name = "base"
env = ["SOURCE"]

[defaults]
case = "lower"

[read]
source = "${SOURCE}"

[change]
inputs = { text = "read" }

[join]
inputs = { first = "read", second = "change" }
"""


@pytest.fixture
def workshop(workshop, monkeypatch):
    monkeypatch.setenv("SOURCE", str(workshop.source))
    (workshop.folder / "base.toml").write_text(BASE)
    return workshop


def settings(workshop, overrides=None):
    return {node.name: node.settings for node in workshop.pipeline(overrides).nodes}


def test_a_file_extends_another(workshop):
    workshop.write(
        'extends = "base.toml"\n[read]\ntimes = 2\n[join]\ninputs = { second = "read" }\n'
        '[more]\nuses = "change"\ninputs = { text = "join" }\n'
    )
    pipeline = workshop.pipeline()
    assert pipeline.name == "toy"
    assert {node.name: node.inputs for node in pipeline.nodes} == {
        "read": {},
        "change": {"text": "read"},
        "join": {"first": "read", "second": "read"},
        "more": {"text": "join"},
    }
    assert settings(workshop)["read"]["times"] == 2
    assert settings(workshop)["read"]["source"] == str(workshop.source)
    assert workshop.run().more.content == "abcabc-abcabc"


def test_extending_goes_over_several_files_and_folders(workshop):
    (workshop.folder / "below").mkdir()
    (workshop.folder / "below/middle.toml").write_text(
        'extends = "../base.toml"\n[read]\ntimes = 3\nspeed = 2.0\n'
    )
    workshop.write('extends = "below/middle.toml"\n[read]\ntimes = 2\n')
    assert settings(workshop)["read"] == {
        "source": str(workshop.source), "times": 2, "speed": 2.0, "tags": [],
    }  # fmt: skip


def test_results_are_shared_with_the_file_that_is_extended(workshop):
    workshop.write('extends = "base.toml"\n')
    workshop.run()
    workshop.file = workshop.folder / "base.toml"
    workshop.run()
    assert toy.CALLS == []


def test_a_matrix_can_be_added_to_what_is_extended(workshop):
    workshop.write('extends = "base.toml"\n[change]\nmatrix = { case = ["upper", "lower"] }\n')
    run = workshop.run()
    assert run["join@case=upper"].content == "abc-ABC"


def test_defaults_are_for_all_stages_that_have_the_setting(workshop):
    workshop.write(
        '[defaults]\ncase = "lower"\ntimes = 3\n'
        '[read]\nsource = "x"\n[more]\nuses = "read"\nsource = "x"\ntimes = 1\n'
        '[change]\ninputs = { text = "read" }\n'
    )
    found = settings(workshop)
    assert found["read"]["times"] == 3
    assert found["more"]["times"] == 1
    assert found["change"] == {"case": "lower"}


def test_defaults_of_one_stage_go_before_those_of_all(workshop):
    workshop.write(
        "[defaults]\nspeed = 2.0\nread = { speed = 3.0, times = 2 }\nsteps = { count = 7 }\n"
        '[read]\nsource = "x"\n[other]\nuses = "read"\nsource = "x"\ntimes = 1\n[steps]\n'
    )
    found = settings(workshop)
    assert (found["read"]["speed"], found["read"]["times"]) == (3.0, 2)
    assert (found["other"]["speed"], found["other"]["times"]) == (3.0, 1)
    assert found["steps"]["count"] == 7


def test_defaults_of_one_stage_can_be_a_table_and_add_up_over_files(workshop):
    (workshop.folder / "base.toml").write_text(
        '[defaults.read]\nspeed = 3.0\ntimes = 2\n[read]\nsource = "x"\n'
    )
    workshop.write('extends = "base.toml"\n[defaults.read]\ntimes = 4\n')
    assert settings(workshop)["read"] == {"source": "x", "speed": 3.0, "times": 4, "tags": []}


def test_a_cell_of_a_matrix_goes_before_defaults(workshop):
    workshop.write(
        '[defaults]\ntimes = 9\n[read]\nsource = "x"\nmatrix = { times = [1, 2] }\n'
    )  # fmt: skip
    assert [s["times"] for s in settings(workshop).values()] == [1, 2]


def test_variables_are_filled_in_anywhere_in_a_table(workshop, monkeypatch):
    monkeypatch.setenv("A", "1")
    workshop.write(
        '[pipeline]\nenv = ["A", "B"]\n'
        '[read]\nsource = "x${A}y${B:-else}${B:-}"\ntags = ["${A}", "$${A}", "$A", "${B:-}"]\n'
    )
    found = settings(workshop)["read"]
    assert found["source"] == "x1yelse"
    assert found["tags"] == ["1", "${A}", "$A", ""]
    monkeypatch.setenv("B", "is set")
    assert settings(workshop)["read"]["source"] == "x1yis setis set"


def test_what_variables_hold_is_in_the_key(workshop, monkeypatch):
    workshop.write('[pipeline]\nenv = ["TAG"]\n[read]\nsource = "nothing"\ntags = ["${TAG}"]\n')
    for tag in ("a", "b", "a"):
        monkeypatch.setenv("TAG", tag)
        assert workshop.run().read.content == tag
    assert toy.CALLS == []
    assert workshop.plan()["read"] == ("cached", "")


def test_overrides_with_dots(workshop):
    workshop.write('extends = "base.toml"\n')
    pipeline = workshop.pipeline(
        {
            "read.times": 2,
            "join.inputs.second": "read",
            "change.matrix.case": ["upper", "lower"],
            "defaults.between": "+",
            "defaults.read.speed": 5.0,
        }
    )
    nodes = {node.name: node for node in pipeline.nodes}
    assert nodes["join"].inputs == {"first": "read", "second": "read"}
    assert nodes["join"].settings == {"between": "+"}
    assert nodes["read"].settings["speed"] == 5.0
    assert {"change@case=upper", "change@case=lower"} <= nodes.keys()
    assert workshop.pipeline().nodes[0].settings["times"] == 1


def test_an_override_can_choose_another_stage(workshop):
    workshop.write(BASE.replace('case = "lower"', "times = 1"))
    workshop.run({"change.uses": "join", "change.inputs": {"first": "read"}})
    assert "join" in toy.CALLS
    assert "change" not in toy.CALLS


RESOLVED = """
extends = "base.toml"

[defaults]
between = "…"

[read]
tags = ["$${NOT}", "a\\"b\\\\c", "${SOURCE:-}"]
speed = 1e-3

[change]
matrix = { case = ["upper", "lower"] }

[collect]
inputs = { texts = "join" }
"""


def test_a_resolved_file_says_the_same(workshop, monkeypatch):
    workshop.write(RESOLVED)
    run = workshop.run()
    assert run.read.content.startswith('abc${NOT}a"b\\c')
    resolved = tomli_w.dumps(workshop.pipeline().resolved())
    monkeypatch.delenv("SOURCE")
    (workshop.folder / "base.toml").unlink()
    workshop.write(resolved)
    again = workshop.run()
    assert toy.CALLS == []
    assert {n: e["key"] for n, e in again.stages.items()} == {
        n: e["key"] for n, e in run.stages.items()
    }
    assert tomli_w.dumps(workshop.pipeline().resolved()) == resolved
    assert tomllib.loads(resolved)["collect"]["inputs"] == {
        "texts": ["join@case=upper", "join@case=lower"]
    }


def test_the_record_has_the_resolved_file(workshop):
    workshop.write(RESOLVED)
    workshop.run()
    record = json.loads((workshop.places["runs"] / "toy/run.json").read_text())
    assert record["resolved"] == workshop.pipeline().resolved()


READ = '[read]\nsource = "x"\n'


@pytest.mark.parametrize(
    ("base", "text", "message"),
    [
        (READ, 'extends = "base.toml"\n[read]\ntimes = 0\n', r"toy\.toml, line 3, read\.times: "),
        (
            READ + "times = 0\n",
            'extends = "base.toml"\n[read]\nspeed = 1.0\n',
            r"base\.toml, line 3, read\.times: ",
        ),
        ("[raed]\n", 'extends = "base.toml"\n' + READ, r"base\.toml, line 1, raed: .*'read'"),
        ("[read\n", 'extends = "base.toml"\n', r"base\.toml: not valid TOML"),
        (READ, 'extends = "bse.toml"\n', r"bse\.toml: no such pipeline file: .*base\.toml"),
        (READ, "extends = 3\n", r"toy\.toml, extends: name one file"),
        ('extends = "toy.toml"\n', 'extends = "base.toml"\n', r"base\.toml, extends: toy\.toml"),
        (READ, 'extends = "toy.toml"\n', r"toy\.toml, extends: toy\.toml extends this file"),
        (READ, READ + "[defaults]\ntims = 1\n", r"line 4, defaults\.tims: .*mean 'times'"),
        (READ, READ + "[defaults]\ntimes = 0\n", r"line 4, defaults\.times: .*, not 0"),
        (
            READ,
            READ + "[defaults]\nread = { times = 0 }\n",
            r"line 4, defaults\.read: times: .*, not 0",
        ),
        (
            READ,
            READ + "[defaults.read]\ntims = 0\n",
            r"line 3, defaults\.read: tims: read has no such setting: did you mean 'times'",
        ),
        (
            "[defaults]\ntimes = 0\n",
            'extends = "base.toml"\n' + READ,
            r"base\.toml, line 2, defaults\.times: .*, not 0",
        ),
        (READ, '[read]\nsource = "${X}"\n', r'line 2, read\.source: .*env = \["X"\]'),
        (
            READ,
            '[pipeline]\nenv = ["X"]\n[read]\nsource = "${X}"\n',
            r"line 4, read\.source: the environment has no variable X: set it",
        ),
        (READ, '[pipeline]\nenv = "X"\n' + READ, r"line 2, pipeline\.env: list the names"),
        (READ, READ + '[other]\ntags = ["${X}"]\n', r"line 4, other\.tags: \${X} is not among"),
    ],
)
def test_errors_name_the_file_and_the_line(workshop, monkeypatch, base, text, message):
    monkeypatch.delenv("X", raising=False)
    (workshop.folder / "base.toml").write_text(base)
    workshop.write(text)
    with pytest.raises(PipelineError, match=message):
        workshop.pipeline()


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("defaults.tims=1", r"--set defaults\.tims: .*did you mean 'times'"),
        ("read.=1", r"--set read\.: write it as stage\.setting=value"),
        (".times=1", r"--set \.times: write it as stage\.setting=value"),
        ("join.inputs.frist=read", r"--set join\.inputs: .*did you mean 'first'"),
        ("join.inputs.first=raed", r"--set join\.inputs: no stage 'raed'"),
        ("change.matrix.case=[]", r"--set change\.matrix: case needs values"),
        ("change.uses=chnge", r"--set change\.uses: there is no stage 'chnge'"),
        ("pipeline.name=x", r"--set pipeline\.name: no stage 'pipeline'"),
    ],
)
def test_errors_name_the_override(workshop, assignment, message):
    workshop.write('extends = "base.toml"\n')
    with pytest.raises(PipelineError, match=message):
        workshop.pipeline(parse_overrides([assignment]))
