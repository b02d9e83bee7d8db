import json
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from embeddings.conftest import make_corpus
from embeddings.glove_reference import count

from textdl.embeddings import counting
from textdl.embeddings.cooccurrence import Cooccurrences, count_cooccurrences
from textdl.embeddings.counting import Counter
from textdl.errors import InputError

LITTLE = 100_000


@pytest.fixture
def documents():
    random = np.random.default_rng(1)
    lengths = [0, 1, 2, 1, 0, 0, 700, *random.integers(0, 40, 200)]
    return [np.minimum(random.geometric(0.1, n) - 1, 39).tolist() for n in lengths]


def cells(counts):
    """The stored cells in units of 2⁻³², as the counter had them before rounding to float32."""
    rows = np.repeat(np.arange(len(counts)), np.diff(counts.offsets)).tolist()
    return dict(
        zip(zip(rows, counts.columns.tolist(), strict=True), counts.values.tolist(), strict=True)
    )


def expected(documents, **settings):
    counted = count(documents, **settings)
    stored = {
        (i, j): n for (i, j), n in counted.items() if j <= i or not settings.get("symmetric", True)
    }
    return {cell: float(np.float32(n / 2**32)) for cell, n in stored.items()}


def folder_bytes(folder):
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.is_file()}


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("memory", [LITTLE, 1e8])
@pytest.mark.parametrize("window", [1, 2, 5, 10, 1000])
def test_counts_are_those_of_a_dictionary(documents, tmp_path, window, memory, workers):
    corpus = make_corpus(documents, words=40)
    counts = count_cooccurrences(corpus, tmp_path, window=window, memory=memory, workers=workers)
    assert cells(counts) == expected(documents, window=window)


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("distance_weighting", [True, False])
def test_sides_and_weights(documents, tmp_path, symmetric, distance_weighting):
    settings = {"symmetric": symmetric, "distance_weighting": distance_weighting, "window": 3}
    counts = count_cooccurrences(
        make_corpus(documents, words=40), tmp_path, memory=LITTLE, **settings
    )
    assert cells(counts) == expected(documents, **settings)
    every = count(documents, **settings)
    dense = counts.matrix().toarray()
    assert {(int(i), int(j)) for i, j in np.argwhere(dense)} == set(every)
    assert all(dense[cell] == pytest.approx(n / 2**32) for cell, n in every.items())


def test_a_pair_counts_one_over_its_distance(tmp_path):
    dense = count_cooccurrences(make_corpus([[0, 1, 1, 2]]), tmp_path, window=3).matrix().toarray()
    np.testing.assert_allclose(dense, [[0, 1.5, 1 / 3], [1.5, 2, 1.5], [1 / 3, 1.5, 0]], 1e-7)


def test_words_without_a_row_take_up_no_position(tmp_path):
    corpus = make_corpus([[0, 1, 0, 3, 2, 0, 2]])
    corpus.tokens[3] = 1  # unknown
    counts = count_cooccurrences(corpus, tmp_path, window=1, min_count=2)
    assert list(counts.vocab.words[2:]) == ["w0", "w2"]
    assert cells(counts) == {(0, 0): 2.0, (1, 0): 3.0}


def test_memory_and_workers_change_no_byte(corpus, tmp_path):
    results = []
    for name, memory, workers in (("a", 1e9, 1), ("b", 50_000, 1), ("c", 50_000, 2)):
        kept = tmp_path / f"{name}-runs"
        count_cooccurrences(
            corpus, tmp_path / name, memory=memory, workers=workers, checkpoints=kept
        )
        results.append(folder_bytes(tmp_path / name))
        assert (len(list(kept.glob("run-*"))) > 36) == (memory < 1e9)
    assert results[0] == results[1] == results[2]


def test_what_is_saved_is_loaded(documents, tmp_path):
    counts = count_cooccurrences(make_corpus(documents), tmp_path / "a", window=4)
    counts.save(tmp_path / "a")
    loaded = Cooccurrences.load(tmp_path / "a")
    assert cells(loaded) == cells(counts)
    assert loaded.tokenizer.settings() == counts.tokenizer.settings()
    assert loaded.info["settings"]["window"] == 4
    json.dumps(loaded.info)
    Cooccurrences(
        loaded.offsets, loaded.columns, loaded.values, loaded.vocab, loaded.tokenizer,
        loaded.symmetric, loaded.info,
    ).save(tmp_path / "b")  # fmt: skip
    assert folder_bytes(tmp_path / "a") == folder_bytes(tmp_path / "b")
    (tmp_path / "b" / "values.npy").write_bytes(b"")
    with pytest.raises(InputError, match="no complete co-occurrence counts"):
        Cooccurrences.load(tmp_path / "b")
    assert not list((tmp_path / "a").glob(".*"))


def test_only_the_splits_that_are_asked_for(tmp_path):
    corpus = make_corpus([[0, 1] * 3, [2, 3] * 3])
    corpus.splits.clear()
    corpus.splits.update({"train": range(1), "test": range(1, 2)})
    assert set(cells(count_cooccurrences(corpus, tmp_path / "a", window=1))) == {(1, 0)}
    named = count_cooccurrences(corpus, tmp_path / "b", window=1, splits=["train", "test"])
    assert set(cells(named)) == {(1, 0), (3, 2)}


@pytest.mark.parametrize("documents", [[[], []], [[0], [1], [2]]])
def test_nothing_stands_near_anything(documents, tmp_path):
    count_cooccurrences(make_corpus([*documents, [0]]), tmp_path, window=2)
    assert cells(Cooccurrences.load(tmp_path)) == {}


def test_a_killed_count_ends_in_the_same_bytes(corpus, tmp_path):
    """SIGKILL, again and again, until it gets through."""
    settings = {"memory": 150_000, "workers": 1}
    count_cooccurrences(corpus, tmp_path / "expected", **settings)
    corpus.save(tmp_path / "corpus")
    script = """
import sys, time
from pathlib import Path
from textdl.embeddings.cooccurrence import count_cooccurrences
from textdl.text.corpus import Corpus

class Slow:
    def update(self, *args, **facts): time.sleep(0.02)
    def note(self, text): print(text, flush=True)

folder = Path(sys.argv[1])
count_cooccurrences(
    Corpus.load(folder / "corpus"), folder / "result", memory=150_000, workers=1,
    checkpoints=folder / "runs", progress=Slow(),
)
"""
    output = ""
    for kills in range(20):
        seen = len(list((tmp_path / "runs").glob("run-*")))
        process = subprocess.Popen(
            [sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE, text=True
        )
        while process.poll() is None and kills < 3:
            if len(list((tmp_path / "runs").glob("run-*"))) > seen:
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(0.005)
        output += process.communicate()[0]
        if process.returncode == 0:
            break
    assert kills == 3
    assert output.count("are counted already") >= 3 + 2 + 1
    assert folder_bytes(tmp_path / "result") == folder_bytes(tmp_path / "expected")


class Cancel:
    """Ctrl-C after so many updates."""

    def __init__(self, after):
        self.after, self.units, self.notes = after, [], []

    def update(self, done, total, unit, **facts):
        self.units.append(unit)
        if len(self.units) == self.after:
            raise KeyboardInterrupt

    def note(self, text):
        self.notes.append(text)


def test_a_stopped_count_keeps_all_runs(corpus, tmp_path, monkeypatch):
    whole = Cancel(after=1000)
    settings = {"memory": 150_000, "workers": 1}
    count_cooccurrences(corpus, tmp_path / "expected", **settings, progress=whole)
    runs = whole.units.count("tokens")
    assert runs > 4
    written = []
    write = counting.write_run
    monkeypatch.setattr(counting, "write_run", lambda *run: written.append(write(*run)))
    settings["checkpoints"] = tmp_path / "runs"
    for after in (3, runs + 1):  # among the runs, and while they are added up
        with pytest.raises(KeyboardInterrupt):
            count_cooccurrences(corpus, tmp_path / "a", **settings, progress=Cancel(after))
        assert len(written) == min(after, runs)
    last = Cancel(after=1000)
    count_cooccurrences(corpus, tmp_path / "a", **settings, progress=last)
    assert len(written) == sum("are counted already" in note for note in last.notes) == runs
    assert folder_bytes(tmp_path / "a") == folder_bytes(tmp_path / "expected")


def test_a_full_disk_says_so_and_keeps_the_runs(corpus, tmp_path, monkeypatch):
    whole = counting.write_run
    written = []

    def fill_up(path, blocks):
        if len(written) == 3:
            raise OSError(28, "No space left on device", str(path))
        written.append(path)
        whole(path, blocks)

    settings = {"memory": 150_000, "workers": 1, "checkpoints": tmp_path / "runs"}
    with monkeypatch.context() as patch:
        patch.setattr(counting, "write_run", fill_up)
        with pytest.raises(InputError, match=r"run-.*No space left.*are kept.*Make room"):
            count_cooccurrences(corpus, tmp_path / "a", **settings)
    assert all(path.is_dir() for path in written)
    before = [path.stat().st_ctime_ns for path in written]
    count_cooccurrences(corpus, tmp_path / "a", **settings)
    assert before == [path.stat().st_ctime_ns for path in written]
    count_cooccurrences(corpus, tmp_path / "b")
    assert folder_bytes(tmp_path / "a") == folder_bytes(tmp_path / "b")


def test_a_damaged_run_is_counted_again(corpus, tmp_path):
    settings = {"memory": 150_000, "workers": 1, "checkpoints": tmp_path / "runs"}
    count_cooccurrences(corpus, tmp_path / "a", **settings)
    run = sorted((tmp_path / "runs").glob("run-*"))[2]
    whole = (run / "values.npy").read_bytes()
    (run / "values.npy").write_bytes(whole[:-8])
    count_cooccurrences(corpus, tmp_path / "b", **settings)
    assert (run / "values.npy").read_bytes() == whole
    assert folder_bytes(tmp_path / "a") == folder_bytes(tmp_path / "b")


def test_runs_of_another_counting_are_refused(corpus, tmp_path):
    count_cooccurrences(corpus, tmp_path / "a", checkpoints=tmp_path / "runs")
    with pytest.raises(InputError, match=r"counting\.json: .*other settings"):
        count_cooccurrences(corpus, tmp_path / "a", window=3, checkpoints=tmp_path / "runs")
    reordered = replace(corpus, tokens=np.sort(corpus.tokens))
    with pytest.raises(InputError, match=r"counting\.json: .*another corpus"):
        count_cooccurrences(reordered, tmp_path / "a", checkpoints=tmp_path / "runs")


def test_counts_stay_until_others_are_there(corpus, tmp_path, monkeypatch):
    count_cooccurrences(corpus, tmp_path)
    before = folder_bytes(tmp_path)

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Counter, "merge", killed)
    with pytest.raises(KeyboardInterrupt):
        count_cooccurrences(corpus, tmp_path, window=3)
    shutil.rmtree(tmp_path / ".runs")
    assert folder_bytes(tmp_path) == before


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"window": 0}, "window: "),
        ({"memory": 1000}, r"memory: 1,000 bytes are too little .* Give at least [\d,]+"),
        ({"min_count": 10**9}, "no word occurs 1000000000 times"),
        ({"splits": ["tset"]}, "no split 'tset'"),
    ],
)
def test_bad_settings(corpus, tmp_path, settings, message):
    with pytest.raises(InputError, match=message):
        count_cooccurrences(corpus, tmp_path, **settings)


def test_a_damaged_corpus_is_refused(corpus, tmp_path):
    corpus.tokens[7] = 1000
    with pytest.raises(InputError, match="token ids beyond its vocabulary"):
        count_cooccurrences(corpus, tmp_path)
