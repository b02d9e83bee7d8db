import errno
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pipeline import toy
from pipeline.toy import Text

from textdl.pipeline import Store, read_pipeline, run_pipeline, stage
from textdl.pipeline.executors import execution
from textdl.pipeline.store import files
from textdl.pipeline.store.files import draft_of, write_atomically
from textdl.pipeline.upkeep import collect, contents

KEY = "a" * 64


@pytest.fixture
def store(workshop):
    workshop.run()
    return Store(workshop.places["home"])


def dead_pid():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def key_of(workshop, name):
    record = json.loads((workshop.places["runs"] / "toy/run.json").read_text())
    return record["stages"][name]["key"]


def test_what_another_process_publishes_after_the_plan_is_taken(workshop, monkeypatch):
    complete = execution.complete

    def late(step, results, place):
        monkeypatch.setattr("textdl.pipeline.executors.inline.complete", complete)
        run_pipeline(workshop.pipeline(), **workshop.places)
        toy.CALLS.clear()
        return complete(step, results, place)

    monkeypatch.setattr("textdl.pipeline.executors.inline.complete", late)
    workshop.run()
    assert toy.CALLS == []
    assert "read: taken from the process that computed it" in workshop.log


def test_a_changed_digit_in_the_remembered_digests_costs_nothing(workshop, store):
    path = store.home / "digests.json"
    head, text = path.read_text().split("\n")
    manifest = store.find(key_of(workshop, "change"))
    digest = manifest["files"]["text"]
    assert digest in text
    other = digest[:-1] + ("0" if digest[-1] != "0" else "1")
    path.write_text(f"{head}\n{text.replace(digest, other)}")
    workshop.run()
    assert toy.CALLS == []


@pytest.mark.parametrize("fact", ["info", "settings", "seconds", "source"])
def test_a_changed_manifest_is_none(workshop, store, fact):
    path = store.manifest_path(key_of(workshop, "change"))
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, fact: {"length": 7}}))
    assert store.find(path.stem) is None
    del manifest["seal"]
    path.write_text(json.dumps(manifest))
    assert store.find(path.stem) is None


class Odd(Text):
    @property
    def info(self):
        return {1: (2, 3), 10: float("nan"), "b": {2: None}}


def test_facts_that_json_changes_are_still_found(workshop):
    @stage(version=1)
    def odd() -> Odd:
        toy.CALLS.append("odd")
        return Odd("x")

    workshop.write("[odd]\n")
    for calls in (["odd"], []):
        toy.CALLS.clear()
        run_pipeline(read_pipeline(workshop.file, lambda name: odd), **workshop.places)
        assert calls == toy.CALLS


def test_drafts_of_dead_processes_go_and_others_stay(workshop, store, monkeypatch):
    monkeypatch.setattr(os, "getpid", dead_pid)
    dead = [draft_of(store.home / name / "x.json") for name in ("", "results", "locks", "runs")]
    dead.append(draft_of(workshop.places["runs"] / "toy/read"))
    monkeypatch.undo()
    mine = draft_of(store.home / "results/x.json")
    monkeypatch.setattr(files, "here", lambda: "elsewhere")
    theirs = [draft_of(store.home / f"results/{name}.json") for name in ("old", "new")]
    monkeypatch.undo()
    for path in (*dead, mine, *theirs):
        path.touch()
    os.utime(theirs[0], (0, 0))
    workshop.run()
    assert [path for path in dead if path.exists()] == []
    assert [path.exists() for path in (mine, *theirs)] == [True, False, True]


def sign(path, **facts):
    said = {"host": socket.gethostname(), "pid": os.getpid(), "since": time.time(), **facts}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(said))
    return path


def test_a_process_elsewhere_is_believed_for_an_hour(store):
    path = sign(store.home / "running/toy.json", host="elsewhere")
    assert [name for name, _ in store.signs("running")] == ["toy"]
    os.utime(path, (time.time() - 4000,) * 2)
    assert list(store.signs("running")) == []
    store.clean()
    assert not path.exists()


def test_a_process_in_another_container_is_not_looked_for_here(store):
    sign(store.home / "running/toy.json", place="another container", pid=dead_pid())
    assert [name for name, _ in store.signs("running")] == ["toy"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"host": 1}', "[" * 100_000])
def test_what_nobody_can_have_said_is_removed(store, text):
    for name in ("locks", "running"):
        (store.home / name / f"{KEY}.json").write_text(text)
    (store.home / "locks" / f"{'b' * 64}.lock").touch()
    store.clean()
    assert not list((store.home / "locks").iterdir()) + list((store.home / "running").iterdir())


def test_half_prepared_results_go_unless_somebody_prepares_them(store):
    for name in (f".{KEY}", f".{'b' * 64}", ".damaged-x"):
        (store.home / "objects" / name).mkdir()
        (store.home / "objects" / name / "file").touch()
    with store.lock(KEY, lambda owner: None, lambda: None):
        Store(store.home).clean()
        assert (store.home / f"objects/.{KEY}/file").exists()
    assert {path.name for path in store.home.glob("objects/.*")} == {f".{KEY}"}
    store.clean()
    assert list(store.home.glob("objects/.*")) == []


def test_checkpoints_go_when_their_result_is_there_but_not_those_of_a_forced_run(workshop, store):
    key = key_of(workshop, "read")
    folder = store.checkpoints(key, "source")
    (folder / "state").touch()
    store.clean()
    assert (folder / "state").exists()
    store.used(key)
    store.clean()
    assert not folder.exists()


def test_checkpoints_of_unfinished_stages_stay(store):
    folder = store.checkpoints(KEY, "source")
    store.clean()
    assert folder.exists()
    (folder / "source").unlink()  # half removed
    store.clean()
    assert not folder.exists()


def test_a_file_in_the_place_of_an_object_is_replaced(workshop, store):
    digest = store.find(key_of(workshop, "change"))["digest"]
    (store.object(digest) / "text").unlink()
    store.object(digest).rmdir()
    store.object(digest).touch()
    assert workshop.run().change.content == "ABC"
    assert toy.CALLS == ["change"]
    assert list(store.home.glob("objects/.*")) == []


def test_a_file_that_can_not_be_read_is_damage(workshop, store, monkeypatch):
    manifest = store.find(key_of(workshop, "change"))

    def fail(path):
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr("textdl.pipeline.store.digests.digest_file", fail)
    (store.home / "digests.json").unlink()
    assert Store(store.home).damage(manifest) == "text can't be read (Input/output error)"


def test_a_draft_is_removed_when_it_can_not_be_written(tmp_path):
    with pytest.raises(UnicodeEncodeError):
        write_atomically(tmp_path / "file", "\ud800")
    assert list(Path(tmp_path).iterdir()) == []


def test_a_full_disk_can_be_tidied_up(store, monkeypatch):
    def fail(self, *args):
        raise OSError(errno.ENOSPC, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_text", fail)
    collect(store, max_size=0, keep_runs=None)
    assert contents(store) == []
    assert not list((store.home / "locks").iterdir())


def test_clocks_of_other_machines_do_not_matter(store, monkeypatch):
    sign(store.home / "running/toy.json", host="elsewhere")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 10_000)
    assert [name for name, _ in store.signs("running")] == ["toy"]
