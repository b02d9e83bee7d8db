"""Looking after a store: what is in it, whether it is whole, what can go."""

import json
import os
import time

import pytest
from pipeline import toy

from textdl.pipeline import PipelineError, Store
from textdl.pipeline.store.locks import Sign
from textdl.pipeline.upkeep import (
    ABANDONED,
    collect,
    contents,
    matching,
    parse_size,
    pin,
    verify,
)


@pytest.fixture
def store(workshop):
    """Of two runs; the results are of 3, 300 and 30,000 bytes and more, the smallest used last."""
    workshop.write(f'[read]\nsource = "{workshop.source}"\n')
    for i, times in enumerate((10_000, 100, 1)):
        run = workshop.run({"read.times": times})
        path = Store(workshop.places["home"]).manifest_path(run.stages["read"]["key"])
        os.utime(path, (1e9 + i, 1e9 + i))
    return Store(workshop.places["home"])


def sizes(kept):
    return [one.bytes for one in kept]


def test_contents_tells_what_was_used_last_first(store, workshop):
    found = contents(store)
    assert sizes(found) == [3, 300, 30_000]
    assert [one.used for one in found] == [1e9 + 2, 1e9 + 1, 1e9]
    workshop.run({"read.times": 10_000})
    assert sizes(contents(store)) == [30_000, 3, 300]
    assert contents(Store(workshop.folder / "nowhere")) == []


def test_a_size_says_how_much_may_stay(store, workshop):
    assert sizes(collect(store, max_size=30_303, keep_runs=None)) == []
    assert sizes(collect(store, max_size=30_302, keep_runs=None)) == [30_000]
    assert sizes(contents(store)) == [3, 300]
    assert sizes(collect(store, max_size=0, keep_runs=None)) == [300, 3]
    assert not [name for name in workshop.files() if name.startswith(("objects/", "results/"))]
    workshop.run()
    assert toy.CALLS == ["read"]


def test_the_files_go_with_the_last_result_that_shares_them(store, workshop):
    workshop.source.write_text("abc" * 100)
    shared = workshop.run({"read.times": 1}).stages["read"]["digest"]
    assert sizes(contents(store)) == [300, 3, 300, 30_000]
    removed = collect(store, max_size=303, keep_runs=None)
    assert sizes(removed) == [30_000]
    removed = collect(store, max_size=302, keep_runs=None)
    assert sizes(removed) == [300, 3]
    assert store.object(shared).is_dir()
    assert workshop.plan()["read"] == ("cached", "")


def test_what_the_latest_runs_used_stays(store):
    assert sizes(collect(store, max_size=None, keep_runs=1)) == [30_000, 300]
    assert sizes(contents(store)) == [3]


def test_runs_are_counted_for_each_pipeline(store, workshop):
    workshop.write(f'[pipeline]\nname = "other"\n[read]\nsource = "{workshop.source}"\ntimes = 2\n')
    workshop.run()
    assert sizes(collect(store, max_size=None, keep_runs=1)) == [30_000, 300]
    assert sizes(collect(store, max_size=None, keep_runs=0)) == [3, 6]


def test_both_together(store):
    assert sizes(collect(store, max_size=310, keep_runs=2)) == [30_000]
    assert sizes(collect(store, max_size=0, keep_runs=2)) == []


def test_pinned_results_never_go(store, workshop):
    largest = contents(store)[-1]
    pin(store, [largest])
    assert contents(store)[-1].pinned
    assert sizes(collect(store, max_size=0, keep_runs=0)) == [300, 3]
    assert workshop.plan({"read.times": 10_000})["read"] == ("cached", "")
    pin(store, [largest], pinned=False)
    assert sizes(collect(store, max_size=0, keep_runs=0)) == [30_000]


def test_a_dry_run_only_tells(store, workshop):
    before = workshop.files()
    assert sizes(collect(store, max_size=300, keep_runs=None, dry_run=True)) == [30_000, 300]
    assert workshop.files() == before
    nowhere = Store(workshop.folder / "nowhere")
    assert collect(nowhere, max_size=0, keep_runs=None, dry_run=True) == []
    assert not nowhere.home.exists()


def test_nothing_goes_while_a_run_is_in_progress(store, workshop):
    sign = Sign(store.home / "running" / "toy-now.json", folder="x")
    try:
        with pytest.raises(PipelineError, match=f"toy-now is running .process {os.getpid()} on "):
            collect(store, max_size=0, keep_runs=None)
        assert len(collect(store, max_size=0, keep_runs=None, dry_run=True)) == 3
    finally:
        sign.close()
    assert len(contents(store)) == 3
    with store.lock("0" * 64, lambda owner: None, lambda: None), pytest.raises(PipelineError):
        collect(store, max_size=0, keep_runs=None)
    assert len(collect(store, max_size=0, keep_runs=None)) == 3


def test_a_run_that_died_does_not_keep_anything_from_going(store):
    sign = Sign(store.home / "running" / "toy-now.json")
    sign._closed.set()
    sign._thread.join()
    path = store.home / "running" / "toy-now.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "started": "long ago"}))
    assert len(collect(store, max_size=0, keep_runs=None)) == 3
    assert not path.exists()


def test_what_dead_processes_left_goes(store):
    # Drafts of another host, whose processes can't be asked.
    old, new = (
        store.home / f"results/.{name}.json.{'0' * 8}-7-{'1' * 8}" for name in ("old", "new")
    )
    for path in (old, new):
        path.touch()
    hours_ago = time.time() - 7200
    os.utime(old, (hours_ago, hours_ago))
    (store.home / "objects" / ("1" * 64)).mkdir()
    (store.home / "objects" / f".{'2' * 64}").mkdir()
    (store.home / "results" / f"{'3' * 64}.json").write_text("{")
    collect(store, max_size=10**9, keep_runs=None)
    assert not old.exists()
    assert new.exists()
    assert len(list((store.home / "objects").iterdir())) == 3
    assert not (store.home / "results" / f"{'3' * 64}.json").exists()


def test_checkpoints_with_which_nobody_goes_on_go(store):
    old, young = (store.checkpoints(letter * 64, "source") for letter in "ab")
    for folder in (old, young):
        (folder / "epoch-1").mkdir()
        (folder / "epoch-1" / "weights").write_text("x")
    for path in (old, *old.rglob("*")):
        os.utime(path, (time.time() - ABANDONED - 60,) * 2)
    collect(store, max_size=10**9, keep_runs=None, dry_run=True)
    assert old.is_dir()
    collect(store, max_size=10**9, keep_runs=None)
    assert not old.exists()
    assert (young / "epoch-1" / "weights").read_text() == "x"


def test_digests_of_files_that_went_are_forgotten(store, workshop):
    path = store.home / "digests.json"
    before = len(json.loads(path.read_text().partition("\n")[2]))
    collect(store, max_size=10**9, keep_runs=None)
    kept = json.loads(path.read_text().partition("\n")[2])
    assert len(kept) == 3 < before
    collect(store, max_size=303, keep_runs=None)
    assert len(json.loads(path.read_text().partition("\n")[2])) == 2
    assert workshop.plan({"read.times": 1})["read"] == ("cached", "")


def test_verify_reads_every_file(store):
    assert [wrong for _, wrong in verify(store)] == [None] * 3
    newest, middle, oldest = contents(store)
    path = store.object(middle.manifest["digest"]) / "text"
    stat = path.stat()
    path.chmod(0o644)
    text = path.read_text()
    path.write_text("x" + text[1:])
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    (store.object(oldest.manifest["digest"]) / "text").unlink()
    found = {kept.manifest["key"]: wrong for kept, wrong in verify(store)}
    assert found[newest.manifest["key"]] is None
    assert found[middle.manifest["key"]].startswith("text has changed")
    assert found[oldest.manifest["key"]] == "text is missing"


def test_verify_does_not_trust_what_is_remembered(store, monkeypatch):
    """A disk that rots changes neither size nor times."""
    kept = contents(store)[0]
    path = store.object(kept.manifest["digest"]) / "text"
    path.chmod(0o644)
    path.write_text("abX")
    known = {file: one.manifest["files"]["text"] for one in contents(store)
             for file in [store.object(one.manifest["digest"]) / "text"]}  # fmt: skip
    monkeypatch.setattr(store.digests, "digest", known.__getitem__)
    (wrong,) = (wrong for _, wrong in verify(store) if wrong)
    assert wrong == "text has changed, though its size and time have not"


def test_names_of_results(store, workshop):
    run = workshop.run({"read.times": 100})
    entry, name = run.stages["read"], workshop.record()["run"]
    for asked in (entry["key"], entry["key"][:8], name, f"{name}/read", "toy", "toy/read"):
        assert [one.manifest["key"] for one in matching(store, [asked])] == [entry["key"]]
    assert len(matching(store, [entry["key"][:8], "toy"])) == 1
    for wrong in (entry["key"][:5], "nothing", "toy/raed", "", "/"):
        with pytest.raises(PipelineError, match=f"{wrong!r} is no result: "):
            matching(store, [wrong])


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("20GB", 20 * 10**9), ("1.5 kB", 1500), ("3m", 3 * 10**6), ("1TB", 10**12),
     ("1e9", 10**9), ("7B", 7), ("2GiB", 2 * 10**9)],
)  # fmt: skip
def test_sizes(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "1.2.3", "20 XB", "many", "1e999"])
def test_no_sizes(text):
    with pytest.raises(PipelineError, match=f"{text!r} is no size"):
        parse_size(text)
