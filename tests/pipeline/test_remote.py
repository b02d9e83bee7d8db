"""Results elsewhere: pushed, pulled, checked on arrival."""

import json

import fsspec
import pytest
from pipeline import toy

from textdl.pipeline import PipelineError, Store
from textdl.pipeline.store.remote import fetch_all, new_archive, open_archive, open_remote


@pytest.fixture(params=["folder", "memory"])
def address(request, tmp_path):
    if request.param == "folder":
        yield str(tmp_path / "remote")
    else:
        yield f"memory://{tmp_path.name}"
        fsspec.filesystem("memory").store.clear()


def elsewhere(workshop):
    """From here on, another machine's store."""
    workshop.places["home"] = workshop.folder / "another"


def spoil(address, ending, change):
    files, root = fsspec.core.url_to_fs(address)
    (path,) = (path for path in files.find(root) if path.endswith(ending))
    files.pipe_file(path, change(files.cat_file(path)))


def test_results_are_copied_there_and_taken_from_there(workshop, address):
    first = workshop.run(remote=address)
    elsewhere(workshop)
    assert workshop.plan(remote=address) == dict.fromkeys(first, ("remote", ""))
    run = workshop.run(remote=address)
    assert toy.CALLS == []
    assert workshop.log.splitlines() == [f"{name}: taken from {address}" for name in run]
    assert run.join.content == "abc-ABC"
    assert {n: e["digest"] for n, e in run.stages.items()} == {
        n: e["digest"] for n, e in first.stages.items()
    }
    workshop.run(remote=address)
    assert "join: cached" in workshop.log


def test_what_is_there_is_not_sent_again_and_what_is_new_is(workshop, address):
    workshop.run(remote=address)
    before = set(open_remote(address).listed())
    workshop.run({"change.case": "lower"}, remote=address)
    assert len(set(open_remote(address).listed()) - before) == 2


def test_jobs_take_from_there_too(workshop, tmp_path):
    address = str(tmp_path / "remote")
    workshop.run(remote=address)
    elsewhere(workshop)
    workshop.run(remote=address, jobs=2)
    assert f"join: taken from {address}" in workshop.log


def flip(data):
    return data[:-1] + bytes([data[-1] ^ 1])


@pytest.mark.parametrize("harm", [flip, lambda data: data[:1], lambda data: b"", None])
def test_a_damaged_result_there_is_computed_and_replaced(workshop, address, harm):
    digest = workshop.run(remote=address).stages["change"]["digest"]
    place = f"{digest}/text"
    if harm is None:
        files, root = fsspec.core.url_to_fs(address)
        files.rm(f"{root}/objects/{place}")
    else:
        spoil(address, place, harm)
    elsewhere(workshop)
    run = workshop.run(remote=address)
    assert toy.CALLS == ["change"]
    assert f"change: warning: {address}: " in workshop.log
    assert "It is computed instead" in workshop.log
    assert run.join.content == "abc-ABC"
    assert not [name for name in workshop.files() if name.startswith("objects/.")]
    workshop.places["home"] = workshop.folder / "third"
    workshop.run(remote=address)
    assert toy.CALLS == []
    assert "warning" not in workshop.log


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: {**manifest, "digest": "0" * 64},
        lambda manifest: {**manifest, "files": {"text": "0" * 64}},
        lambda manifest: {**manifest, "files": {"../text": manifest["files"]["text"]}},
        lambda manifest: {**manifest, "key": "0" * 64},
        lambda manifest: {"key": manifest["key"]},
        lambda manifest: [],
    ],
)
def test_a_manifest_that_contradicts_itself_is_not_believed(workshop, address, change):
    key = workshop.run(remote=address).stages["change"]["key"]
    spoil(address, f"{key}.json", lambda data: json.dumps(change(json.loads(data))).encode())
    elsewhere(workshop)
    assert workshop.run(remote=address).change.content == "ABC"
    assert toy.CALLS == ["change"]


class Unreachable:
    """A file system that is away."""

    def __getattr__(self, name):
        def away(*args, **options):
            raise ConnectionError("no route to host")

        return away


def test_an_unreachable_place_is_a_warning_said_once(workshop, monkeypatch):
    monkeypatch.setattr("fsspec.core.url_to_fs", lambda address: (Unreachable(), "x"))
    with pytest.raises(PipelineError, match=r"away://x: can't be read .*no route to host"):
        open_remote("away://x").find("0" * 64)
    assert workshop.plan(remote="away://x")["read"] == ("run", "not computed yet")
    run = workshop.run(remote="away://x")
    assert run.join.content == "abc-ABC"
    warnings = [line for line in workshop.log.splitlines() if "warning" in line]
    assert warnings == [
        "warning: away://x: can't be read (ConnectionError: no route to host). What it may have "
        "is computed, and nothing is copied there"
    ]
    workshop.run(remote="away://x")
    assert workshop.log.splitlines() == ["read: cached", "change: cached", "join: cached"]


class Full:
    """A file system that is empty, and full."""

    def makedirs(self, *args, **options):
        raise NotImplementedError

    def open(self, path, mode):
        raise FileNotFoundError(path) if mode == "rb" else OSError(28, "No space left on device")


def test_a_place_that_can_not_be_written_to_is_a_warning(workshop, monkeypatch):
    monkeypatch.setattr("fsspec.core.url_to_fs", lambda address: (Full(), "x"))
    run = workshop.run(remote="full://x")
    assert run.join.content == "abc-ABC"
    assert "  join: warning: full://x: can't be written to (OSError: [Errno 28]" in workshop.log


def test_no_address(workshop):
    with pytest.raises(PipelineError, match=r"nosuch://x: .*nosuch"):
        workshop.run(remote="nosuch://x")


def test_push_and_pull_by_hand(workshop, address):
    run = workshop.run()
    store, remote = Store(workshop.places["home"]), open_remote(address)
    assert remote.listed() == []
    for manifest in store.manifests():
        remote.push(store, manifest)
    assert sorted(remote.listed()) == sorted(entry["key"] for entry in run.stages.values())
    other = Store(workshop.folder / "another")
    assert {manifest["key"] for manifest in fetch_all(remote, other)} == set(remote.listed())
    assert list(fetch_all(remote, other)) == []
    elsewhere(workshop)
    workshop.run()
    assert toy.CALLS == []


def test_archives(workshop):
    workshop.run()
    store, path = Store(workshop.places["home"]), workshop.folder / "results.zip"
    with new_archive(path) as archive:
        for manifest in store.manifests():
            archive.push(store, manifest)
    other = Store(workshop.folder / "another")
    assert len(list(fetch_all(open_archive(path), other))) == 3
    elsewhere(workshop)
    assert workshop.run().join.content == "abc-ABC"
    assert toy.CALLS == []
    assert [p.name for p in workshop.folder.glob("*results*")] == ["results.zip"]


def test_an_archive_that_fails_leaves_nothing(workshop):
    path = workshop.folder / "results.zip"
    with pytest.raises(ZeroDivisionError), new_archive(path):
        1 / 0  # noqa: B018
    assert not list(workshop.folder.glob("*results*"))


def test_what_is_no_archive(workshop):
    for text in ("", "PK"):
        workshop.add("no.zip", text)
        with pytest.raises(PipelineError, match=r"no\.zip: no archive of results"):
            open_archive(workshop.folder / "no.zip")
    with pytest.raises(PipelineError, match=r"none\.zip: no archive of results"):
        open_archive(workshop.folder / "none.zip")
