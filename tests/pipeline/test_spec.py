import pytest

from textdl.pipeline import PipelineError, parse_overrides


def test_stages_come_in_an_order_in_which_they_can_run(workshop):
    workshop.write(
        '[join]\ninputs = { first = "b" }\n[b]\nuses = "read"\nsource = "x"\ntags = ["p", "q"]\n'
    )
    pipeline = workshop.pipeline()
    assert pipeline.name == "toy"
    assert [node.name for node in pipeline.nodes] == ["b", "join"]
    assert pipeline.nodes[0].settings == {
        "source": "x", "times": 1, "speed": 1.0, "tags": ["p", "q"],
    }  # fmt: skip


def test_a_pipeline_can_have_a_name_and_overrides(workshop):
    workshop.write('[pipeline]\nname = "other"\ndescription = "…"\n[read]\nsource = "x"\n')
    pipeline = workshop.pipeline({"read.times": 3, "read.speed": 2})
    assert pipeline.name == "other"
    assert pipeline.nodes[0].settings["times"] == 3


READ = '[read]\nsource = "x"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f'["a@{"x" * 101}"]\n', "is no name for a stage"),
        ("", "toy.toml: no stages"),
        ("[read\n", r"toy.toml: not valid TOML: .*line 1"),
        ("read = 3\n", "line .*, read: .* outside any stage"),
        ("[reed]\n", r"line 1, reed: there is no stage 'reed': did you mean 'read'"),
        ('[a]\nuses = "reed"\n', r"line 2, a\.uses: there is no stage 'reed': did you mean 'read'"),
        ("[a]\nuses = 3\n", r"line 2, a\.uses: names a stage"),
        ("[read]\n", r"line 1, read\.source: read needs this setting"),
        (
            READ + "tims = 2\n",
            r"line 3, read\.tims: read has no such setting: did you mean 'times'",
        ),
        (READ + "times = 0\n", r"line 3, read\.times: .*greater than or equal to 1, not 0"),
        (READ + 'times = "2"\n', r"line 3, read\.times: .*valid integer, not '2'"),
        (READ + "times = 1.5\n", r"line 3, read\.times: "),
        (READ + "times = true\n", r"line 3, read\.times: "),
        (
            READ + '[change]\ninputs = { text = "raed" }\n',
            r"line 4, change\.inputs: no stage 'raed'",
        ),
        (
            READ + '[change]\ninputs = { txt = "read" }\n',
            r"takes no input 'txt': did you mean 'text'",
        ),
        (READ + "[change]\n", r"change\.inputs: change needs the result of another stage"),
        (READ + "[change]\ninputs = 3\n", r"line 4, change\.inputs: write it as"),
        (
            READ + '[change]\ninputs = { text = ["read"] }\n',
            r'line 4, change\.inputs: text takes one stage: write text = "…"',
        ),
        (
            READ + "[collect]\ninputs = { texts = [] }\n",
            r"line 4, collect\.inputs: texts needs at least one stage",
        ),
        (
            READ + '[collect]\ninputs = { texts = ["read", "read"] }\n',
            r"collect\.inputs: texts lists 'read' twice",
        ),
        (
            READ + '[collect]\ninputs = { texts = ["read", "raed"] }\n',
            r"collect\.inputs: no stage 'raed' for 'texts': did you mean 'read'",
        ),
        (READ + "[collect]\ninputs = { texts = [1] }\n", r"collect\.inputs: write it as"),
        (READ + "[collect]\n", r'collect needs .* inputs = { texts = \["…", "…"\] }'),
        (
            READ + '[n]\nuses = "number"\n[collect]\ninputs = { texts = ["read", "n"] }\n',
            r"of texts, each is a Text, 'n' makes a Number: .*result of read",
        ),
        (
            READ + '[change]\ncase = "uper"\ninputs = { text = "read" }\n',
            r"line 4, change\.case: .*'upper' or 'lower', not 'uper'",
        ),
        (
            '[a]\nuses = "change"\ninputs = {text = "b"}\n'
            '[b]\nuses = "change"\ninputs = {text = "a"}',
            "the stages wait for each other: (a → b → a|b → a → b)",
        ),
        (READ + "speed = nan\n", r"line 3, read\.speed: .*finite number"),
        (READ + "tags = [2024-01-01]\n", r"line 3, read\.tags: write a string, number"),
        (
            READ + '[n]\nuses = "number"\n[change]\ninputs = { text = "n" }\n',
            r"line 6, change\.inputs: text is a Text, 'n' makes a Number: .*result of read",
        ),
        ("[matrix]\n" + READ, "line 1, matrix: 'matrix' is a reserved name"),
        ("[defaults]\nread = 2\n" + READ, r"line 2, defaults\.read: is a stage: write it as"),
        ("[defaults]\ntimse = 2\n" + READ, r"line 2, defaults\.timse: .*did you mean 'times'"),
        ("[con]\n" + READ, "line 1, con: 'con' is no name for a stage"),
        ('["../up"]\n' + READ, "is no name for a stage"),
        ('[pipeline]\nname = "../x"\n' + READ, r"line 2, pipeline\.name: '../x' is no name"),
        ("[pipeline]\nnam = 1\n" + READ, r"line 2, pipeline\.nam: "),
        ("[pipeline]\nenv = 5\n" + READ, r"line 2, pipeline\.env: list the names"),
        (
            READ + "[change]\nmatrix = { text = [1] }\n",
            r"line 4, change\.matrix: write it as { parameter",
        ),
        (
            READ + "[change]\nmatrix = { text = [{ a = 1 }] }\n",
            r"line 4, change\.matrix: write it as { parameter",
        ),
        (
            '[read]\nsource = "x"\nmatrix = { times = [1, 2] }\n["read@times=1"]\nsource = "y"\n',
            r"read@times=1: another table's matrix has a cell of this name",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(workshop, text, message):
    workshop.write(text)
    with pytest.raises(PipelineError, match=message):
        workshop.pipeline()


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"raed.times": 1}, "--set raed.times: no stage 'raed': did you mean 'read'"),
        ({"read.tims": 1}, r"--set read\.tims: read has no such setting: did you mean 'times'"),
        ({"read.source": "\udcff"}, r"--set read\.source: write a string, number"),
        ({"read.times": object()}, r"--set read\.times: write a string, number"),
        ({"read.times": "x"}, r"--set read\.times: .*valid integer, not 'x'"),
        ({"read": 1}, r"--set read: write it as stage\.setting=value"),
    ],
)
def test_overrides_are_checked_like_the_file(workshop, overrides, message):
    with pytest.raises(PipelineError, match=message):
        workshop.pipeline(overrides)


def test_a_missing_file_names_its_neighbours(workshop):
    workshop.file = workshop.file.with_name("tyo.toml")
    with pytest.raises(PipelineError, match=r"tyo\.toml: no such pipeline file: .*toy\.toml"):
        workshop.pipeline()


def test_a_file_that_is_not_utf8(workshop):
    workshop.file.write_bytes(b"[read]\nsource = '\xff'\n")
    with pytest.raises(PipelineError, match=r"toy\.toml: can't be read .*utf-8"):
        workshop.pipeline()


def test_override_values_are_toml_or_else_strings():
    assert parse_overrides(["a.b=3", "a.c=[1, 2]", "a.d=x/y z", "a.e=true", "a.f=", "a.g='3'"]) == {
        "a.b": 3, "a.c": [1, 2], "a.d": "x/y z", "a.e": True, "a.f": "", "a.g": "3",
    }  # fmt: skip
    with pytest.raises(PipelineError, match=r"write it as stage\.setting=value"):
        parse_overrides(["a.b"])
