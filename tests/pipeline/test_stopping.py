"""Ctrl-C and SIGTERM: a run ends at a good moment, and the same command goes on from there."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

STAGES = """
import os, time
from textdl.pipeline import StageRun, stage

@stage
def count(*, to: int = 100_000, run: StageRun) -> int:
    file = run.checkpoints / "done"
    done = int(file.read_text()) if file.exists() else 0
    run.note(f"begins at {'somewhere' if done else 'the start'}")
    for i in range(done, to):
        try:
            run.update(i, to, "numbers")
        except KeyboardInterrupt:
            file.write_text(str(i))
            run.note("keeps where it is")
            raise
        if i < 10 or not os.environ.get("FAST"):
            time.sleep(0.01)
    return to

@stage
def deaf(*, seconds: float = 600.0, run: StageRun) -> float:
    (run.checkpoints / "begun").touch()
    (run.output / "half").write_text("half done")
    run.note("is deaf")
    time.sleep(seconds)
    (run.output / "half").unlink()
    return seconds

@stage
def small() -> int:
    return 1
"""


@pytest.fixture
def workshop(workshop):
    workshop.add("my.py", STAGES)
    return workshop


def write(workshop, *tables):
    workshop.write("".join(f'["{t}"]\nuses = "my.py:{t.partition("@")[0]}"\n' for t in tables))


def left(workshop):
    """What only a running process should have in the store."""
    names = [name for name in workshop.files() if name.startswith(("locks/", "running/"))]
    return names + [name for name in workshop.files() if name.startswith("objects/.")]


CODES = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(("number", "code"), CODES)
def test_the_first_signal_stops_at_a_checkpoint(workshop, number, code, jobs):
    write(workshop, "small", "count")
    workshop.run(until="small")
    process = workshop.start(f"--jobs={jobs}")
    workshop.wait_for("count: begins at the start", process)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert "  count: keeps where it is\n" in err
    assert err.splitlines()[-1] == (
        "textdl: stopped. Finished stages and checkpoints are kept: the same command goes on from "
        "there"
    )
    assert "Traceback" not in err
    assert workshop.record()["outcome"] == "stopped"
    assert workshop.record()["ended_at"] > workshop.record()["started_at"]
    assert left(workshop) == []
    process = workshop.start(f"--jobs={jobs}", FAST="1")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "small: cached\n" in err
    assert "  count: begins at somewhere\n" in err
    assert out.split() == [str(workshop.places["runs"] / f"toy/{n}") for n in ("small", "count")]
    assert workshop.record()["stages"]["count"]["resumed"]
    assert left(workshop) == []
    assert not [name for name in workshop.files() if name.startswith("checkpoints/")]


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(("second", "code"), CODES)
def test_the_second_signal_stops_at_once(workshop, second, code, jobs):
    write(workshop, "deaf")
    process = workshop.start(f"--jobs={jobs}")
    workshop.wait_for("deaf: is deaf", process)
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1)
    process.send_signal(second)
    _, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert "textdl: stopped. " in err
    assert "Traceback" not in err
    assert not (workshop.places["runs"] / "toy/deaf").exists()
    assert not [name for name in workshop.files() if name.startswith("results/")]
    write(workshop, "small")
    assert workshop.run().small == 1
    assert left(workshop) == []


def test_a_stage_that_can_not_stop_is_finished_first(workshop):
    write(workshop, "deaf", "small")
    process = workshop.start("--set=deaf.seconds=2.0")
    workshop.wait_for("deaf: is deaf", process)
    process.terminate()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 143
    assert "deaf: done in " in err
    assert "small: " not in err
    assert set(workshop.record()["stages"]) == {"deaf"}
    assert workshop.plan({"deaf.seconds": 2.0})["deaf"] == ("cached", "")


def test_all_jobs_stop_at_their_checkpoints(workshop):
    write(workshop, "count@1", "count@2")
    process = workshop.start("--jobs=2", "--set", "count@2.to=99999")
    for n in (1, 2):
        workshop.wait_for(f"count@{n}: begins at the start", process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.count("keeps where it is") == 2
    process = workshop.start("--jobs=2", "--set", "count@2.to=99999", FAST="1")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert err.count("begins at somewhere") == 2


def test_a_job_that_can_not_stop_is_finished_when_others_have_stopped(workshop):
    write(workshop, "count", "deaf")
    process = workshop.start("--jobs=2", "--set=deaf.seconds=3.0")
    for text in ("count: begins at the start", "deaf: is deaf"):
        workshop.wait_for(text, process)
    process.send_signal(signal.SIGINT)
    try:
        _, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "  count: keeps where it is\n" in err
    assert "deaf: done in " in err


def test_ctrl_c_reaches_only_the_run_itself(workshop):
    """A terminal sends it to the whole group of processes: the jobs must hear of it once."""
    write(workshop, "count")
    places = [f"--{name}={path}" for name, path in workshop.places.items()]
    process = subprocess.Popen(
        [sys.executable, "-m", "textdl", "run", workshop.file, *places, "--jobs=2"],
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    workshop.wait_for("count: begins at the start", process)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "  count: keeps where it is\n" in err
    assert "Traceback" not in err


def test_whoever_waits_for_another_run_can_be_stopped(workshop):
    write(workshop, "count")
    first = workshop.start()
    workshop.wait_for("count: begins at the start", first)
    second = workshop.start()
    workshop.wait_for(f"count: waits for process {first.pid}", second)
    second.send_signal(signal.SIGINT)
    _, err = second.communicate(timeout=60)
    assert second.returncode == 130
    assert "Traceback" not in err
    assert first.poll() is None
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=60)
    assert first.returncode == 130


def test_the_shell_sees_the_code(workshop):
    write(workshop, "count")
    places = " ".join(f"--{name}={path}" for name, path in workshop.places.items())
    command = f"{sys.executable} -m textdl run {workshop.file} {places} & wait $!; echo ended: $?"
    shell = subprocess.Popen(
        ["sh", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    workshop.wait_for("count: begins at the start", shell)
    (sign,) = (workshop.places["home"] / "running").glob("*.json")
    os.kill(json.loads(sign.read_text())["pid"], signal.SIGTERM)
    out, _ = shell.communicate(timeout=60)
    assert out == "ended: 143\n"


TRAINING = """
[reviews]
dataset = "data"

[tokens]
inputs = { documents = "reviews" }
min_count = 1

[model]
uses = "textcnn"
inputs = { corpus = "tokens" }
embedding = "random"
maps = 4
epochs = 8
patience = 50
"""


@pytest.mark.slow
def test_a_training_keeps_its_state_and_ends_in_the_same_bytes(workshop, monkeypatch):
    monkeypatch.chdir(workshop.folder)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    (workshop.folder / "data").mkdir()
    for split, size in (("train", 800), ("test", 20)):
        rows = [f"this is {['bad', 'good'][i % 2]} number {i % 50}\t{i % 2}" for i in range(size)]
        workshop.add(f"data/{split}.tsv", "text\tlabel\n" + "\n".join(rows) + "\n")
    workshop.write(TRAINING)
    events = workshop.places["runs"] / "toy/events.jsonl"
    process = workshop.start("--jobs=2")
    until = time.monotonic() + 90
    while '"stage": "model", "done"' not in (events.read_text() if events.exists() else ""):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert len([name for name in workshop.files() if name.startswith("checkpoints/")]) > 2
    workshop.start().communicate(timeout=120)
    stopped = workshop.record()["stages"]["model"]
    assert stopped["resumed"]
    workshop.places["home"] = workshop.folder / "other"
    workshop.start().communicate(timeout=120)
    undisturbed = workshop.record()["stages"]["model"]
    assert not undisturbed["resumed"]
    assert undisturbed["digest"] == stopped["digest"]
