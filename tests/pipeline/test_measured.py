"""What is measured while a result is computed, and a stage that wants to know."""

import json

import pytest
from pipeline import toy

from textdl.pipeline import Measured, StageRun, stage

FILE = """
[read]
source = "SOURCE"

[weigh]
inputs = { text = "read" }

[compare]
inputs = { texts = ["read", "weigh"] }
"""

SPEEDS: list[float] = []


@stage(version=1)
def weigh(text: toy.Text, *, run: StageRun) -> toy.Text:
    run.measure(letters_per_second=SPEEDS[-1])
    return text


@stage(version=1)
def compare(texts: dict[str, toy.Text], *, end: str = "", measured: Measured) -> toy.Text:
    toy.CALLS.append("compare")
    return toy.Text(json.dumps({name: measured[name] for name in texts}) + end)


@pytest.fixture
def workshop(workshop, monkeypatch):
    for each in (weigh, compare):
        monkeypatch.setitem(toy.STAGES, each.name, each)
    SPEEDS[:] = [10.0]
    workshop.write(FILE.replace("SOURCE", str(workshop.source)))
    return workshop


def test_a_stage_hears_what_was_measured_of_its_inputs(workshop):
    run = workshop.run()
    found = json.loads(run.compare.content)
    for name in ("read", "weigh"):
        assert found[name]["seconds"] == run.stages[name]["seconds"] > 0
        assert found[name]["resumed"] is False
    assert found["weigh"]["letters_per_second"] == 10
    assert run.stages["weigh"]["measured"] == {"letters_per_second": 10}


def test_measurements_are_no_part_of_a_result_but_of_the_key_of_who_reads_them(workshop):
    digest = workshop.run().stages["weigh"]["digest"]
    workshop.run()
    assert toy.CALLS == []
    SPEEDS.append(20.0)
    run = workshop.run(force=["weigh"])
    assert run.stages["weigh"]["digest"] == digest
    assert toy.CALLS == ["compare"]
    assert "compare: runs (its inputs were measured anew)" in workshop.log
    assert json.loads(run.compare.content)["weigh"]["letters_per_second"] == 20
    assert workshop.plan()["compare"] == ("cached", "")


def test_it_is_no_setting(workshop):
    assert list(compare.settings) == ["end"]
    assert compare.takes_measured
    assert not weigh.takes_measured


def test_a_resumed_stage_says_so(workshop, monkeypatch):
    class Killed(BaseException):
        pass

    def kill(*_):
        raise Killed

    monkeypatch.setattr(toy.os, "kill", kill)
    workshop.write("[steps]\ndie_at = 3\n")
    with pytest.raises(Killed):
        workshop.run()
    run = workshop.run()
    assert run.stages["steps"]["resumed"] is True
    monkeypatch.setattr(toy.os, "kill", lambda *_: None)
    assert workshop.run(force=["steps"]).stages["steps"]["resumed"] is False
