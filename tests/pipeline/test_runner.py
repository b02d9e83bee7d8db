import copy
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pipeline import toy

from textdl.pipeline import PipelineError, StageFailedError, Store


def test_results_are_items_and_attributes_and_links(workshop):
    run = workshop.run()
    assert toy.CALLS == ["read", "change", "join"]
    assert run["join"].content == run.join.content == "abc-ABC"
    assert (workshop.places["runs"] / "toy/join/text").read_text() == "abc-ABC"
    assert list(run) == ["read", "change", "join"]
    with pytest.raises(AttributeError, match="no stage 'jion': there are read, change, join"):
        run.jion  # noqa: B018


def test_nothing_runs_twice(workshop):
    workshop.run()
    run = workshop.run()
    assert toy.CALLS == []
    assert run.join.content == "abc-ABC"
    assert workshop.log.splitlines() == ["read: cached", "change: cached", "join: cached"]


def test_only_what_a_change_concerns_runs_and_going_back_is_cached(workshop):
    workshop.run()
    assert workshop.run({"change.case": "lower"}).join.content == "abc-abc"
    assert toy.CALLS == ["change", "join"]
    workshop.run()
    assert toy.CALLS == []


def test_the_same_bytes_from_a_stage_stop_the_run_there(workshop):
    workshop.source.write_text("a")
    workshop.run({"read.times": 4})
    workshop.source.write_text("aa")
    workshop.run({"read.times": 2})
    assert toy.CALLS == ["read"]


def test_files_count_by_content_and_not_by_place(workshop):
    workshop.run()
    moved = workshop.folder / "elsewhere"
    moved.mkdir()
    shutil.move(workshop.source, moved / "source.txt")
    workshop.run({"read.source": str(moved / "source.txt")})
    assert toy.CALLS == []
    (moved / "source.txt").write_text("abd")
    assert workshop.plan({"read.source": str(moved / "source.txt")}) == {
        "read": ("run", "source changed"),
        "change": ("depends", "waits for read"),
        "join": ("depends", "waits for read and change"),
    }


def test_a_setting_that_does_not_change_the_result_does_not_change_the_key(workshop):
    workshop.run()
    workshop.run({"read.speed": 2.0})
    assert toy.CALLS == []


def test_a_moved_store_still_answers(workshop):
    workshop.run()
    workshop.places["home"] = workshop.places["home"].rename(workshop.folder / "moved")
    run = workshop.run()
    assert toy.CALLS == []
    assert run.join.content == "abc-ABC"


def test_until_and_force(workshop):
    run = workshop.run(until="change")
    assert list(run) == ["read", "change"]
    workshop.run(force=["change"])
    assert toy.CALLS == ["change", "join"]
    workshop.run(force=["change"])
    assert toy.CALLS == ["change"]
    for option in ({"until": "chnge"}, {"force": ["chnge"]}):
        with pytest.raises(PipelineError, match="no stage 'chnge': did you mean 'change'"):
            workshop.run(**option)


def test_the_plan_gives_reasons(workshop):
    assert workshop.plan()["read"] == ("run", "not computed yet")
    workshop.run()
    assert set(workshop.plan().values()) == {("cached", "")}
    assert workshop.plan({"change.case": "lower", "join.between": "+"}) == {
        "read": ("cached", ""),
        "change": ("run", "case upper → lower"),
        "join": ("depends", "waits for change"),
    }
    assert workshop.plan(force=["join"])["join"] == ("run", "forced")
    assert workshop.plan({"read.times": 2})["read"] == ("run", "times 1 → 2")


def test_another_version_runs_again(workshop, monkeypatch):
    workshop.run()
    newer = toy.STAGES["change"].__class__(**{**vars(toy.change), "version": 2})
    monkeypatch.setitem(toy.STAGES, "change", newer)
    assert workshop.plan()["change"] == ("run", "version 1 → 2")


def test_changed_source_is_a_warning_and_no_rerun(workshop, monkeypatch):
    workshop.run()
    monkeypatch.setattr(sys.modules["textdl.pipeline.stage"], "source_digest", lambda *_: "other")
    workshop.run()
    assert toy.CALLS == []
    assert "read: warning: the source behind read has changed" in workshop.log


@pytest.mark.parametrize("harm", ["changed", "missing", "foreign", "gone"])
def test_damaged_results_are_computed_again(workshop, harm):
    workshop.run()
    folder = (workshop.places["runs"] / "toy/change").resolve()
    if harm == "changed":
        (folder / "text").chmod(0o644)
        (folder / "text").write_text("ABX")
    elif harm == "missing":
        (folder / "text").unlink()
    elif harm == "foreign":
        (folder / "more").touch()
    else:
        shutil.rmtree(folder)
    state, reason = workshop.plan()["change"]
    assert state == "run"
    assert reason.startswith("output damaged: ")
    run = workshop.run()
    assert toy.CALLS == ["change"]
    assert run.change.content == "ABC"
    assert set(workshop.plan().values()) == {("cached", "")}


def test_a_failure_keeps_what_was_finished(workshop):
    workshop.write(workshop.file.read_text() + '[fail]\ninputs = { text = "join" }\n')
    with pytest.raises(StageFailedError, match="stage 'fail' failed: this was to be") as failure:
        workshop.run()
    assert "ValueError: this was to be expected" in failure.value.traceback.read_text()
    with pytest.raises(StageFailedError):
        workshop.run()
    assert toy.CALLS == []
    assert not [name for name in workshop.files() if name.startswith("objects/.")]


RUN = """
import sys
from pathlib import Path
from pipeline import toy
from textdl.display import Lines
from textdl.pipeline import read_pipeline, run_pipeline
folder = Path(sys.argv[1])
pipeline = read_pipeline(folder / "toy.toml", toy.find_stage)
run_pipeline(pipeline, home=folder / "home", runs=folder / "runs", display=Lines())
"""


def start(workshop):
    tests = Path(__file__).parent.parent
    return subprocess.Popen(
        [sys.executable, "-c", RUN, workshop.folder],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(tests)},
    )


def test_a_killed_stage_leaves_nothing_visible_and_resumes(workshop):
    workshop.write("[steps]\ndie_at = 3\n")
    process = start(workshop)
    process.communicate()
    assert process.returncode == -9
    assert not (workshop.places["runs"] / "toy/steps").exists()
    assert not [name for name in workshop.files() if name.startswith("results/")]
    run = workshop.run()
    assert "  steps: resuming at 3\n" in workshop.log
    assert run.steps.content == "5"
    assert sorted(path.name for path in (workshop.places["runs"] / "toy/steps").iterdir()) == [
        "text"
    ]
    left = [name for name in workshop.files() if name.startswith(("checkpoints/", "objects/."))]
    assert left == []


def test_a_second_run_waits_and_takes_the_result(workshop):
    workshop.write("[steps]\nseconds = 1.0\n")
    first = start(workshop)
    lock = workshop.places["home"] / "locks"
    while not list(lock.glob("*.json")):
        time.sleep(0.01)
    second = start(workshop)
    outputs = [process.communicate()[1] for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0]
    assert "steps: done" in outputs[0]
    assert f"steps: waits for process {first.pid}" in outputs[1]
    assert "steps: taken from the process that computed it" in outputs[1]


def test_the_record_says_what_was_run(workshop):
    workshop.run({"read.times": 2})
    record = json.loads((workshop.places["runs"] / "toy/run.json").read_text())
    assert record["pipeline"] == "toy"
    assert record["versions"]["python"] == sys.version.split()[0]
    entry = record["stages"]["read"]
    assert entry["settings"]["times"] == 2
    assert entry["info"] == {"length": 6}
    assert entry["cached"] is False
    assert entry["peak_memory_bytes"] > 1_000_000
    assert entry["seconds"] > 0
    store = Store(workshop.places["home"])
    assert store.find(entry["key"])["digest"] == entry["digest"]


def test_progress_is_shown_as_lines_and_logged(workshop):
    workshop.run()
    assert "  change: to upper case\n" in workshop.log
    logged = (workshop.places["runs"] / "toy/run.log").read_text()
    assert "change: to upper case" in logged


def test_folders_that_cannot_be_written_to(workshop):
    (workshop.folder / "file").touch()
    workshop.places["home"] = workshop.folder / "file/home"
    with pytest.raises(PipelineError, match=r"file/home: can't be written to .*--home"):
        workshop.run()
    workshop.places["home"] = workshop.folder / "home"
    workshop.places["runs"] = workshop.folder / "file/runs"
    with pytest.raises(PipelineError, match=r"file/runs/toy: can't be written to .*--runs"):
        workshop.run()


def test_a_missing_file_is_found_before_anything_runs(workshop):
    workshop.write(workshop.file.read_text() + '[later]\nuses = "read"\nsource = "absent.txt"\n')
    with pytest.raises(PipelineError, match=r"later\.source: absent\.txt: no such file"):
        workshop.run()
    assert toy.CALLS == []


def test_files_at_other_places_in_a_folder_are_other_data(workshop):
    for name in ("a", "b"):
        (workshop.folder / name).mkdir()
    (workshop.folder / "a/one").write_text("x")
    (workshop.folder / "b/two").write_text("x")
    workshop.run({"read.source": str(workshop.folder / "a")})
    workshop.run({"read.source": str(workshop.folder / "b")})
    assert toy.CALLS == ["read"]
    workshop.run({"read.source": str(workshop.folder / "b/two")})
    assert toy.CALLS == ["read"]


def test_two_keys_with_the_same_bytes_share_them(workshop):
    workshop.run({"read.times": 2})
    workshop.source.write_text("abcabc")
    workshop.run()
    objects = [name for name in workshop.files() if name.startswith("objects/") and "/text" in name]
    assert len(objects) == 3


def test_checkpoints_of_other_source_are_not_used(workshop, monkeypatch):
    workshop.write("[steps]\ndie_at = 3\n")
    start(workshop).communicate()
    monkeypatch.setattr(sys.modules["textdl.pipeline.stage"], "source_digest", lambda *_: "other")
    workshop.write("[steps]\ndie_at = 3\ncount = 5\n")
    monkeypatch.setattr(toy.os, "kill", lambda pid, number: None)
    workshop.run()
    assert "resuming" not in workshop.log


@pytest.mark.parametrize("content", ["", "null", "[]", "{}", '{"stages": []}', "\xff"])
def test_damaged_records_are_as_good_as_none(workshop, content):
    workshop.run()
    home, runs = workshop.places["home"], workshop.places["runs"]
    for path in (home / "digests.json", runs / "toy/run.json"):
        path.write_text(content, encoding="latin-1")
    workshop.run()
    assert toy.CALLS == []
    for path in (home / "results").iterdir():
        path.write_text(content, encoding="latin-1")
    workshop.run()
    assert toy.CALLS == ["read", "change", "join"]


def test_the_record_tells_stages_of_this_run_from_those_of_earlier_ones(workshop):
    workshop.run()
    workshop.run({"read.times": 2}, until="read")
    stages = json.loads((workshop.places["runs"] / "toy/run.json").read_text())["stages"]
    assert {name: entry["of_an_earlier_run"] for name, entry in stages.items()} == {
        "read": False, "change": True, "join": True,
    }  # fmt: skip


def test_a_stage_that_left_the_file_leaves_the_record(workshop):
    workshop.run()
    text = workshop.file.read_text().replace("[join]", '[joined]\nuses = "join"')
    workshop.write(text)
    assert set(workshop.run().stages) == {"read", "change", "joined"}
    record = json.loads((workshop.places["runs"] / "toy/run.json").read_text())
    assert set(record["stages"]) == {"read", "change", "joined"}


def test_a_run_can_be_copied(workshop):
    assert copy.copy(workshop.run()).read.content == "abc"


def test_a_removed_input_is_a_reason(workshop):
    workshop.run()
    text = workshop.file.read_text().replace(', second = "change"', "")
    workshop.write(text)
    assert workshop.plan()["join"] == ("run", "input second changed")
