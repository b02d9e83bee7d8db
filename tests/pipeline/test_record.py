"""What a run leaves behind: run.json, the history, the lock file."""

import json
import os
import platform
import subprocess
import sys
from importlib import metadata

import pytest
from pipeline import toy

from textdl.pipeline import (
    PipelineError,
    ResultDiffersError,
    StageFailedError,
    Store,
    make_planner,
)
from textdl.pipeline.events import size_text
from textdl.pipeline.lockfile import lock_path, read_lock, write_lock
from textdl.pipeline.record import differences, find_record, git_state, records, versions


@pytest.fixture
def store(workshop):
    return Store(workshop.places["home"])


def git(folder, *arguments):
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True)


def test_the_record_of_a_run(workshop):
    run = workshop.run({"read.times": 2}, packages=["pytest", "no-such-package"])
    record = workshop.record()
    assert record["pipeline"] == "toy"
    assert record["file"] == str(workshop.file)
    assert record["outcome"] == "finished"
    assert record["resolved"] == workshop.pipeline({"read.times": 2}).resolved()
    assert 0 < record["seconds"] <= record["ended_at"] - record["started_at"] + 0.1
    assert record["versions"] == {"python": sys.version.split()[0], "pytest": pytest.__version__}
    assert record["machine"]["cores"] == os.cpu_count()
    assert record["machine"]["executable"] == sys.executable
    assert record["stages"] == json.loads(json.dumps(run.stages))
    entry = record["stages"]["change"]
    assert entry["uses"] == "change"
    assert entry["inputs"] == {"text": "read"}
    assert entry["content"]["inputs"] == {"text": record["stages"]["read"]["digest"]}
    assert entry["reason"] == "not computed yet"
    assert (entry["cached"], entry["resumed"], entry["of_an_earlier_run"]) == (False, False, False)
    assert entry["seconds"] > 0
    assert entry["cpu_seconds"] >= 0
    assert entry["peak_memory_bytes"] > 10**6
    assert record["started_at"] <= entry["computed_at"] <= record["ended_at"]
    assert entry["versions"] == record["versions"]


def test_versions_are_those_that_the_packages_metadata_give():
    packages = ("textdl", "numpy", "scikit-learn")
    assert versions(packages) == {
        "python": platform.python_version(),
        **{package: metadata.version(package) for package in packages},
    }


def test_the_first_folder_of_the_path_that_has_a_package_counts(tmp_path, monkeypatch):
    for place, number in (("first", "2.0"), ("second", "1.0")):
        (tmp_path / place / f"Two_Words-{number}.dist-info").mkdir(parents=True)
        monkeypatch.syspath_prepend(tmp_path / place)
    assert versions(("two-words",))["two-words"] == "1.0"
    assert "words" not in versions(("words",))


def test_cpu_seconds_are_those_of_the_stage(workshop):
    workshop.add(
        "my.py",
        "import time\nfrom textdl.pipeline import stage\n"
        "@stage\ndef busy() -> int:\n"
        "    end = time.process_time() + 0.3\n"
        "    while time.process_time() < end: pass\n    return 1\n"
        "@stage\ndef idle() -> int:\n    time.sleep(0.3)\n    return 2\n",
    )
    workshop.write('[busy]\nuses = "my.py:busy"\n[idle]\nuses = "my.py:idle"\n')
    stages = workshop.run().stages
    assert 0.3 <= stages["busy"]["cpu_seconds"] <= stages["busy"]["seconds"] + 0.1
    assert stages["idle"]["cpu_seconds"] < 0.2
    assert stages["idle"]["seconds"] >= 0.3


def test_a_cached_stage_tells_of_when_it_was_computed(workshop):
    first = workshop.run().stages["read"]
    again = workshop.run().stages["read"]
    assert again == {**first, "cached": True, "reason": ""}


def test_a_failed_run_has_a_record(workshop):
    workshop.write(workshop.file.read_text() + '[fail]\ninputs = { text = "read" }\n')
    with pytest.raises(StageFailedError):
        workshop.run(until="fail")
    record = workshop.record()
    assert record["outcome"] == "failed"
    assert set(record["stages"]) == {"read"}
    assert "this was to be expected" in record["failed"].pop("fail")
    assert not record["failed"]


def test_events_are_lines_of_json(workshop):
    workshop.run()
    workshop.run()
    text = (workshop.places["runs"] / "toy/events.jsonl").read_text()
    events = [json.loads(line) for line in text.splitlines()]
    assert [(e["event"], e["stage"]) for e in events if e["event"] not in ("note", "progress")] == [
        *((event, stage) for stage in ("read", "change", "join") for event in ("runs", "done")),
        *(("cached", stage) for stage in ("read", "change", "join")),
    ]
    assert [e["time"] for e in events] == sorted(e["time"] for e in events)
    done = next(e for e in events if e["event"] == "done")
    assert done["seconds"] > 0
    assert done["bytes"] == 3


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (12_345, "12.3 kB"), (180_400_000, "180 MB"),
     (999_600, "1.0 MB"), (5 * 10**9, "5.0 GB"), (3 * 10**12, "3000 GB")],
)  # fmt: skip
def test_sizes_are_readable(size, text):
    assert size_text(size) == text


def test_git_state(tmp_path):
    assert git_state(str(tmp_path)) is None
    git(tmp_path, "init")
    assert git_state(str(tmp_path)) is None
    (tmp_path / "file").write_text("1")
    git(tmp_path, "add", "file")
    git(tmp_path, "commit", "-m", "x")
    state = git_state(str(tmp_path))
    assert len(state["commit"]) == 40
    assert state["dirty"] is False
    (tmp_path / "another").write_text("not git's")
    assert git_state(str(tmp_path))["dirty"] is False
    (tmp_path / "file").write_text("2")
    assert git_state(str(tmp_path)) == {"commit": state["commit"], "dirty": True}


def test_git_state_without_git(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_state(str(tmp_path)) is None


def test_the_record_has_the_commit_of_the_pipeline_file(workshop):
    git(workshop.folder, "init")
    git(workshop.folder, "add", "toy.toml")
    git(workshop.folder, "commit", "-m", "x")
    workshop.run()
    assert workshop.record()["git"]["dirty"] is False
    workshop.write(workshop.file.read_text() + "\n")
    workshop.run()
    assert workshop.record()["git"]["dirty"] is True


def test_the_history_is_in_the_store(workshop, store):
    names = []
    for times in (1, 2):
        workshop.run({"read.times": times})
        names.append(workshop.record()["run"])
    assert [record["run"] for record in records(store)] == names[::-1]
    assert find_record(store, names[0])["stages"]["read"]["settings"]["times"] == 1
    assert find_record(store, "toy")["run"] == names[1]
    (store.home / "runs" / "broken.json").write_text("{")
    assert len(list(records(store))) == 2
    with pytest.raises(PipelineError, match="no run 'tyo': did you mean 'toy'"):
        find_record(store, "tyo")
    with pytest.raises(PipelineError, match="no run 'toy': there are none"):
        find_record(Store(workshop.folder / "nowhere"), "toy")


def test_differences_of_runs(workshop, store):
    workshop.run()
    first = find_record(store, "toy")
    workshop.run()
    assert differences(first, find_record(store, "toy")) == []
    workshop.write(workshop.file.read_text().replace(', second = "change"', ""))
    workshop.run({"read.times": 2}, until="join")
    found = differences(first, find_record(store, "toy"))
    assert ("read", "settings.times", 1, 2) in found
    assert ("read", "info.length", 3, 6) in found
    assert ("join", "inputs.second", "change", None) in found
    assert {what for stage, what, *_ in found if stage == "read"} == {
        "digest", "settings.times", "info.length",
    }  # fmt: skip


def lock(workshop, overrides=None):
    pipeline = workshop.pipeline(overrides)
    return write_lock(pipeline, make_planner(pipeline, **workshop.places))


def test_a_lock_file_pins_results(workshop):
    run = workshop.run()
    path = lock(workshop)
    assert path == workshop.folder / "toy.lock" == lock_path(workshop.pipeline())
    pinned = read_lock(workshop.pipeline())
    assert pinned == {name: entry["digest"] for name, entry in run.stages.items()}
    lines = path.read_text().splitlines()
    assert lines[0].startswith("# ")
    assert lines[1:] == sorted(lines[1:])
    workshop.run(locked=pinned)
    workshop.run(locked=pinned, force=["change"])
    workshop.places["home"] = workshop.folder / "another"
    workshop.run(locked=pinned)
    assert toy.CALLS == ["read", "change", "join"]


def test_another_result_is_a_failure_and_is_kept(workshop):
    workshop.run()
    lock(workshop)
    pinned = read_lock(workshop.pipeline())
    with pytest.raises(ResultDiffersError, match=r"the result of change is \w{12}…, not ") as error:
        workshop.run({"change.case": "lower"}, locked=pinned)
    assert pinned["change"][:12] in str(error.value)
    assert toy.CALLS == ["change"]
    assert workshop.plan({"change.case": "lower"})["change"] == ("cached", "")
    assert workshop.record()["outcome"] == "failed"
    kept = workshop.record()["stages"]["change"]["digest"]
    assert (workshop.places["runs"] / "toy/change").resolve().name == kept != pinned["change"]
    with pytest.raises(ResultDiffersError, match="which the lock file does not name"):
        workshop.run(locked={})


def test_cells_can_be_pinned(workshop):
    workshop.write(f'[read]\nsource = "{workshop.source}"\nmatrix = {{ times = [1, 2] }}\n')
    workshop.run()
    lock(workshop)
    pinned = read_lock(workshop.pipeline())
    assert set(pinned) == {"read@times=1", "read@times=2"}
    workshop.run(locked=pinned)


def test_only_what_is_computed_can_be_pinned(workshop):
    with pytest.raises(PipelineError, match=r"read is not computed \(not computed yet\): run it"):
        lock(workshop)
    assert not lock_path(workshop.pipeline()).exists()


@pytest.mark.parametrize("text", ["[", "read = 3\n", 'read = "short"\n', "[read]\n", "\xff"])
def test_what_is_no_lock_file(workshop, text):
    lock_path(workshop.pipeline()).write_text(text, encoding="latin-1")
    with pytest.raises(PipelineError, match=r"toy\.lock: not a lock file"):
        read_lock(workshop.pipeline())
    lock_path(workshop.pipeline()).unlink()
    with pytest.raises(PipelineError, match=r"toy\.lock: no such lock file: write it with textdl"):
        read_lock(workshop.pipeline())
