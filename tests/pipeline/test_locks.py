"""Who computes a key, and how a dead owner is told from a slow one."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from pipeline import toy

from textdl.pipeline import Stopped, Store
from textdl.pipeline.stopping import Stop
from textdl.pipeline.store import locks
from textdl.pipeline.store.processes import process_start
from textdl.pipeline.store.results import computing

STAGES = """
import time
from pathlib import Path
from textdl.pipeline import StageRun, stage

@stage
def held(*, run: StageRun) -> int:
    run.update(3, 12, "things")
    run.note("has begun")
    for _ in range(600):
        if (Path(__file__).parent / "go").exists():
            return 1
        time.sleep(0.05)
    return 2
"""


@pytest.fixture
def lock(tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "BEAT", 0.05)
    return tmp_path / "folder/key"


def hold(lock, seen=None, check=lambda: None):
    return locks.held(lock, (seen if seen is not None else []).append, check)


def leave(lock, **facts):
    """The sign of somebody who did not take it away."""
    lock.parent.mkdir(exist_ok=True)
    owner = {"host": socket.gethostname(), "pid": os.getpid(), "since": time.time(), **facts}
    lock.with_suffix(".json").write_text(json.dumps(owner))
    return owner


def test_a_lock_says_who_holds_it_and_leaves_nothing(lock):
    with hold(lock) as sign:
        said = locks.read_sign(lock.with_suffix(".json"))
        assert (said["host"], said["pid"]) == (socket.gethostname(), os.getpid())
        assert said["started"] == process_start(os.getpid())
        assert abs(said["since"] - time.time()) < 10
        sign.update(stage="x")
        time.sleep(0.2)
        said = locks.read_sign(lock.with_suffix(".json"))
        assert said["stage"] == "x"
        assert said["beats"] >= 1
        assert locks.alive(lock.with_suffix(".json")) == said
    assert list(lock.parent.iterdir()) == []


def test_it_is_freed_by_an_exception(lock):
    with pytest.raises(ZeroDivisionError), hold(lock):
        1 / 0  # noqa: B018
    assert list(lock.parent.iterdir()) == []


def test_the_second_one_waits_and_hears_for_whom(lock):
    order, seen = [], []

    def second():
        with hold(lock, seen):
            order.append("second")

    with hold(lock):
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.4)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    assert [owner["pid"] for owner in seen] == [os.getpid()]
    assert locks.describe(seen[0]).startswith(f"process {os.getpid()} on {socket.gethostname()}, ")
    assert locks.describe(None) == "another process, which computes it"
    assert list(lock.parent.iterdir()) == []


def test_only_one_of_many_holds_it(lock):
    inside, most = [], []

    def work():
        for _ in range(3):
            with hold(lock):
                inside.append(1)
                most.append(len(inside))
                time.sleep(0.01)
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 12


def test_whoever_waits_can_be_stopped(lock):
    stop = Stop()
    with hold(lock):
        stop.signal = signal.SIGTERM
        with pytest.raises(Stopped), hold(lock, check=stop.check):
            raise AssertionError
        assert lock.with_suffix(".json").exists()
    with hold(lock):
        pass


@pytest.mark.parametrize("started", ["1", None])
def test_a_process_of_this_machine_without_the_lock_is_dead(lock, started):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    leave(lock, pid=ended.pid, started=started)
    assert locks.alive(lock.with_suffix(".json")) is None
    seen = []
    with hold(lock, seen):
        assert locks.read_sign(lock.with_suffix(".json"))["pid"] == os.getpid()
    assert seen == []


def test_a_later_process_with_the_same_number_is_not_the_owner(lock):
    leave(lock, started="another time")
    assert locks.alive(lock.with_suffix(".json")) is None
    leave(lock, started=process_start(os.getpid()))
    assert locks.alive(lock.with_suffix(".json"))


def test_an_owner_on_another_machine_is_waited_for_while_its_file_changes(lock, monkeypatch):
    monkeypatch.setattr(locks, "SILENCE", 0.6)
    owner, seen = leave(lock, host="nora"), []
    ended = threading.Event()

    def live():
        for beat in range(12):
            time.sleep(0.1)
            draft = lock.with_suffix(".draft")
            draft.write_text(json.dumps({**owner, "beats": beat}))
            draft.replace(lock.with_suffix(".json"))
        ended.set()

    thread = threading.Thread(target=live)
    thread.start()
    with hold(lock, seen):
        assert ended.is_set()
    thread.join()
    assert [who["host"] for who in seen] == ["nora"]
    assert locks.describe(seen[0]).startswith(f"process {os.getpid()} on nora, which computes it")


def test_an_owner_on_another_machine_is_dead_after_silence(lock, monkeypatch):
    monkeypatch.setattr(locks, "SILENCE", 0.5)
    leave(lock, host="nora")
    began = time.monotonic()
    with hold(lock):
        assert 0.4 < time.monotonic() - began < 20
    assert list(lock.parent.iterdir()) == []


def test_an_owner_on_another_machine_that_ends_is_followed_at_once(lock, monkeypatch):
    monkeypatch.setattr(locks, "SILENCE", 60)
    leave(lock, host="nora")
    timer = threading.Timer(0.3, lock.with_suffix(".json").unlink)
    timer.start()
    began = time.monotonic()
    with hold(lock):
        assert time.monotonic() - began < 30
    timer.join()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"host": 3}', '{"pid": 1}'])
def test_a_sign_that_can_not_be_read_keeps_nobody_out(lock, text):
    lock.parent.mkdir()
    lock.with_suffix(".json").write_text(text)
    assert locks.read_sign(lock.with_suffix(".json")) is None
    with hold(lock):
        pass


def test_a_run_waits_for_another_machine_and_takes_over(workshop, monkeypatch):
    workshop.run()
    key = workshop.record()["stages"]["join"]["key"]
    store = Store(workshop.places["home"])
    store.manifest_path(key).unlink()
    monkeypatch.setattr(locks, "SILENCE", 0.5)
    leave(store.home / "locks" / key, host="nora", stage="join", pid=4711)
    (running,) = computing(store)
    assert (running["stage"], running["host"], running["pid"]) == ("join", "nora", 4711)
    run = workshop.run()
    assert toy.CALLS == ["join"]
    assert "join: waits for process 4711 on nora, which computes it since " in workshop.log
    assert run.join.content == "abc-ABC"
    assert computing(store) == []


def test_a_killed_owner_is_followed_at_once(workshop):
    workshop.add("my.py", STAGES)
    workshop.write('[held]\nuses = "my.py:held"\n')
    first = workshop.start()
    workshop.wait_for("held: has begun", first)
    while not (found := computing(Store(workshop.places["home"]))):
        time.sleep(0.05)  # signs are written once a second
    (running,) = found
    assert (running["stage"], running["pid"]) == ("held", first.pid)
    second = workshop.start()
    workshop.wait_for(f"held: waits for process {first.pid}", second)
    first.kill()
    first.communicate()
    workshop.add("go", "")
    _, err = second.communicate(timeout=60)
    assert second.returncode == 0, err
    assert "held: runs (not computed yet)\n" in err
    assert not [name for name in workshop.files() if name.startswith(("locks/", "objects/."))]


def test_of_two_runs_one_computes_and_the_other_takes(workshop):
    workshop.add("my.py", STAGES)
    workshop.write('[held]\nuses = "my.py:held"\n')
    first = workshop.start("--jobs=2")
    workshop.wait_for("held: has begun", first)
    second = workshop.start()
    workshop.wait_for("held: waits for process ", second)
    workshop.add("go", "")
    errors = [process.communicate(timeout=60)[1] for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0]
    assert "held: done in " in errors[0]
    assert "held: taken from the process that computed it\n" in errors[1]
    assert "held: runs" not in errors[1]
