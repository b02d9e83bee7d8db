"""Several stages at the same time."""

import json
import os
import re
import time

import pytest

from textdl.pipeline import ResultDiffersError, StageFailedError

STAGES = """
import json, os, time
from pathlib import Path
from textdl.pipeline import StageRun, stage

MARKS = Path(__file__).parent / "marks"

def marked(name, wait_for):
    # or until there are so many
    MARKS.mkdir(exist_ok=True)
    (MARKS / name).touch()
    for _ in range(600):
        marks = [path.name for path in MARKS.iterdir()]
        if wait_for in marks or len(marks) == wait_for:
            return True
        time.sleep(0.05)
    return False

@stage
def meet(*, n: int, of: int) -> bool:
    return marked(str(n), of)

@stage
def waiting(*, n: int = 0) -> bool:
    return marked("waiting", "after")

@stage
def after(number: int) -> bool:
    return marked("after", "waiting")

@stage
def crowd(*, n: int) -> int:
    MARKS.mkdir(exist_ok=True)
    (MARKS / str(n)).touch()
    time.sleep(0.3)
    size = len(list(MARKS.iterdir()))
    (MARKS / str(n)).unlink()
    return size

@stage
def sleep(*, seconds: float) -> float:
    time.sleep(seconds)
    return seconds

@stage
def threads() -> dict:
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    return {name: os.environ.get(name) for name in names}

@stage
def loud(*, n: int) -> int:
    print("printed", n, flush=True)
    os.write(1, b'{"event": "outcome", "manifest": {}}\\n')
    os.system("echo from the shell")
    return n

@stage
def killed() -> int:
    os.kill(os.getpid(), 9)
    return 1

@stage
def left() -> int:
    os._exit(7)

@stage
def bad(*, n: int = 0) -> int:
    raise ValueError(f"this was {n}")

@stage
def next_(number: int) -> int:
    return number + 1

@stage
def told(*, n: int, run: StageRun) -> int:
    for i in range(3):
        run.update(i, 3, "steps", loss=0.5)
        time.sleep(0.02)
    run.note(f"note {n}")
    run.measure(speed=n)
    return n
"""


def write(workshop, text):
    workshop.add("my.py", STAGES)
    workshop.write(text)


def table(name, uses=None, more=""):
    return f'[{name}]\nuses = "my.py:{uses or name}"\n{more}\n'


def test_independent_stages_run_at_the_same_time(workshop):
    write(workshop, table("meet", more="matrix = { n = [1, 2, 3] }\nof = 3"))
    assert all(workshop.run(jobs=3).values())


def test_no_more_than_so_many(workshop):
    write(workshop, table("crowd", more="matrix = { n = [1, 2, 3, 4] }"))
    assert max(workshop.run(jobs=2).values()) <= 2


def test_what_depends_on_another_waits_for_it_and_not_for_others(workshop):
    write(
        workshop,
        table("waiting")
        + table("told", more="n = 1")
        + table("after", more='inputs = { number = "told" }'),
    )
    run = workshop.run(jobs=2)
    assert run.waiting
    assert run.after
    lines = [line.partition(" (")[0] for line in workshop.log.splitlines()]
    assert lines.index("after: runs") > lines.index("told: runs")


def test_the_cores_are_divided(workshop, monkeypatch):
    write(workshop, table("threads"))
    monkeypatch.setattr(os, "cpu_count", lambda: 12)
    assert set(workshop.run(jobs=4).threads.values()) == {"3"}
    assert set(workshop.run(jobs=16, force=["threads"]).threads.values()) == {"1"}


def test_results_are_those_of_one_at_a_time(workshop):
    write(workshop, table("told", more="matrix = { n = [1, 2] }"))
    several = workshop.run(jobs=2)
    one = workshop.run(force=["told"])
    assert {n: e["digest"] for n, e in several.stages.items()} == {
        n: e["digest"] for n, e in one.stages.items()
    }
    assert several.stages["told@n=2"]["measured"] == {"speed": 2}
    workshop.run(jobs=2)
    assert workshop.log.splitlines() == ["told@n=1: cached", "told@n=2: cached"]


def test_progress_and_notes_of_all_arrive(workshop):
    write(workshop, table("told", more="matrix = { n = [1, 2] }"))
    workshop.run(jobs=2)
    lines = workshop.log.splitlines()
    for n in (1, 2):
        assert f"  told@n={n}: note {n}" in lines
        assert any(line.startswith(f"told@n={n}: done in ") for line in lines)
    events = (workshop.places["runs"] / "toy/events.jsonl").read_text().splitlines()
    progress = [e for e in map(json.loads, events) if e["event"] == "progress"]
    assert {e["stage"] for e in progress} == {"told@n=1", "told@n=2"}
    assert progress[0]["facts"] == {"loss": 0.5}


def test_what_a_stage_prints_does_not_disturb(workshop, capfd):
    write(workshop, table("loud", more="matrix = { n = [1, 2] }"))
    run = workshop.run(jobs=2)
    assert (run["loud@n=1"], run["loud@n=2"]) == (1, 2)
    out, err = capfd.readouterr()
    assert out == ""
    assert "printed 1" in err
    assert err.count("from the shell") == 2


@pytest.mark.parametrize(
    ("uses", "message"),
    [
        ("bad", "stage 'bad' failed: this was 0"),
        ("killed", r"stage 'killed' failed: its process ended by signal 9 \(out of memory\?\)"),
        ("left", "stage 'left' failed: its process ended with exit code 7"),
    ],
)
def test_a_failure_keeps_what_runs_beside_it(workshop, uses, message):
    write(
        workshop,
        table(uses)
        + table("sleep", more="seconds = 2.0")
        + table("next_", more='inputs = { number = "told" }')
        + table("told", more="n = 1"),
    )
    with pytest.raises(StageFailedError, match=message) as failure:
        workshop.run(jobs=2)
    assert failure.value.stage == uses
    assert failure.value.own == (uses == "bad")
    assert "sleep: done in " in workshop.log
    assert "next_: runs" not in workshop.log
    if uses == "bad":
        assert failure.value.kinds[:2] == ("ValueError", "Exception")
        assert "raise ValueError" in failure.value.traceback.read_text()
    workshop.run(jobs=2, until="sleep")
    assert workshop.log == "sleep: cached\n"
    left = [name for name in workshop.files() if name.startswith(("locks/", "running/"))]
    assert left == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_keep_going_sums_up_what_failed(workshop, jobs):
    write(
        workshop,
        table("bad", more="matrix = { n = [1, 2] }")
        + table("next", "next_", 'inputs = { number = "bad" }')
        + table("last", "next_", 'inputs = { number = "next" }')
        + table("told", more="n = 3")
        + table("fine", "next_", 'inputs = { number = "told" }'),
    )
    with pytest.raises(StageFailedError, match=r"stage 'bad@n=[12]' failed: this was [12]"):
        workshop.run(jobs=jobs, keep_going=True)
    lines = workshop.log.splitlines()
    for n in (1, 2):
        assert f"bad@n={n}: failed: this was {n}" in lines
        assert f"next@n={n}: not run, because bad@n={n} failed" in lines
        assert f"last@n={n}: not run, because bad@n={n} failed" in lines
    assert any(line.startswith("fine: done in ") for line in lines)
    assert re.match("2 of 8 stages failed: bad@n=[12], bad@n=[12]; not run for that: ", lines[-1])
    assert set(lines[-1].partition("that: ")[2].split(", ")) == {
        "next@n=1", "next@n=2", "last@n=1", "last@n=2",
    }  # fmt: skip
    record = json.loads((workshop.places["runs"] / "toy/run.json").read_text())
    assert record["outcome"] == "failed"
    assert set(record["stages"]) == {"told", "fine"}


def test_without_it_the_first_failure_is_the_last_stage(workshop):
    write(workshop, table("bad") + table("told", more="n = 3"))
    with pytest.raises(StageFailedError):
        workshop.run()
    assert "told: " not in workshop.log
    with pytest.raises(StageFailedError):
        workshop.run(keep_going=True)
    assert "told: done" in workshop.log


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_result_that_is_not_the_pinned_one_ends_all(workshop):
    write(workshop, table("told", more="n = 3") + table("sleep", more="seconds = 60.0"))
    began = time.monotonic()
    with pytest.raises(ResultDiffersError, match="the result of told is "):
        workshop.run(jobs=2, locked={"told": "0" * 64, "sleep": "0" * 64})
    assert time.monotonic() - began < 40


def test_paths_relative_to_the_working_folder(workshop, monkeypatch):
    monkeypatch.chdir(workshop.folder)
    workshop.write('[read]\nsource = "source.txt"\nmatrix = { times = [1, 2] }\n')
    workshop.file = workshop.file.relative_to(workshop.folder)
    workshop.places = {
        name: path.relative_to(workshop.folder) for name, path in workshop.places.items()
    }
    assert workshop.run(jobs=2)["read@times=2"].content == "abcabc"
