"""What every trainer must do, as far as skip-gram goes."""

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from embeddings.conftest import make_corpus

from textdl.embeddings import train_skipgram
from textdl.embeddings.kernels.skipgram import subsample
from textdl.embeddings.state import State
from textdl.errors import InputError

SMALL = {"dim": 16, "epochs": 2, "workers": 1, "sample": 0.0}


class Notes:
    def __init__(self):
        self.notes, self.updates = [], []

    def update(self, done, total, unit, **facts):
        self.updates.append((done, total, unit, facts))

    def note(self, text):
        self.notes.append(text)


def test_words_of_one_topic_come_together(corpus):
    vectors = train_skipgram(corpus, **{**SMALL, "epochs": 5, "lr": 0.05})
    for word in ("w0", "w1", "w10", "w11"):
        parity = int(word[1:]) % 2
        assert all(int(other[1:]) % 2 == parity for other, _ in vectors.neighbors(word, top=10))


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(corpus):
    first, second, other = (
        train_skipgram(corpus, **SMALL, seed=seed).matrix.tobytes() for seed in (1, 1, 2)
    )
    assert first == second
    assert first != other


def test_two_workers_learn_as_well_as_one(corpus):
    one, two = (
        train_skipgram(corpus, **{**SMALL, "workers": workers}).info["losses"][-1]
        for workers in (1, 2)
    )
    assert two == pytest.approx(one, rel=0.03)


def test_the_loss_falls_and_is_a_mean_over_pairs(corpus):
    notes = Notes()
    vectors = train_skipgram(corpus, **{**SMALL, "epochs": 3}, progress=notes)
    losses = vectors.info["losses"]
    # Untrained vectors have the score 0 with everything: log 2 for the word and each negative.
    assert 6 * np.log(2) > losses[0] > losses[1] > losses[2] > 0
    done, total, unit, facts = notes.updates[-1]
    assert done == total == 3 * len(corpus.tokens)
    assert unit == "words"
    assert facts["loss"] == pytest.approx(losses[-1])


def test_a_document_cut_into_stretches_has_the_windows_of_the_whole():
    random = np.random.default_rng(0)
    tokens = random.integers(2, 30, 500).astype(np.int32)
    keep = np.full(30, 1 << 31, np.uint64)
    stream, window = np.uint64(7), 4
    kept = np.empty(600, np.int32)
    _, _, n = subsample(tokens, 0, 500, 0, 500, keep, stream, window, kept)
    whole = kept[:n].copy()
    assert 150 < n < 350
    position = 0
    for start, stop in [(0, 13), (13, 14), (14, 200), (200, 500)]:
        first, last, n = subsample(tokens, start, stop, 0, 500, keep, stream, window, kept)
        before, after = max(position - window, 0), position + last - first + window
        assert kept[:n].tolist() == whole[before:after].tolist()
        position += last - first
    assert position == len(whole)


def test_long_documents_are_used_whole():
    corpus = make_corpus([np.arange(100_000) % 97])
    notes = Notes()
    train_skipgram(
        corpus, **{**SMALL, "epochs": 1, "window": 2}, shrink_windows=False, progress=notes
    )
    assert notes.updates[-1][0] == 100_000


@pytest.mark.parametrize(
    "documents",
    [[[0, 1, 0, 1]], [[0] * 50], [[0], [1], [2]], [[], [0, 1], []]],
    ids=["two words", "one word fills it", "documents of one word", "empty documents"],
)
def test_tiny_corpora(documents):
    vectors = train_skipgram(make_corpus(documents), **SMALL)
    assert np.isfinite(vectors.matrix).all()


@pytest.mark.parametrize("dim", [1, 1000])
@pytest.mark.parametrize("negative", [1, 50])
def test_extreme_sizes(dim, negative):
    corpus = make_corpus([np.arange(300) % 20])
    vectors = train_skipgram(corpus, **{**SMALL, "dim": dim}, negative=negative)
    assert vectors.matrix.shape == (20, dim)
    assert np.isfinite(vectors.matrix).all()


def test_a_killed_training_ends_in_the_same_bytes(corpus, tmp_path):
    """SIGKILL, again and again, until it gets through."""
    expected = train_skipgram(corpus, **{**SMALL, "epochs": 20}).matrix.tobytes()
    corpus.save(tmp_path / "corpus")
    script = """
import sys, time
from pathlib import Path
from textdl.embeddings import train_skipgram
from textdl.embeddings.state import State
from textdl.text.corpus import Corpus

class Slow:
    def update(self, *args, **facts): time.sleep(0.02)
    def note(self, text): print(text, flush=True)

folder = Path(sys.argv[1])
vectors = train_skipgram(
    Corpus.load(folder / "corpus"), dim=16, epochs=20, workers=1, sample=0.0,
    checkpoint_words=25_000, checkpoints=folder / "checkpoints", progress=Slow(),
)
(folder / "result").write_bytes(vectors.matrix.tobytes())
"""
    checkpoint = tmp_path / "checkpoints/checkpoint.safetensors"
    output = ""
    for kills in range(20):
        seen = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
        process = subprocess.Popen(
            [sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE, text=True
        )
        while process.poll() is None and kills < 3:
            if checkpoint.exists() and checkpoint.stat().st_mtime_ns > seen:
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(0.005)
        output += process.communicate()[0]
        if process.returncode == 0:
            break
    assert kills == 3
    assert output.count("resuming from the checkpoint at") == 3
    assert (tmp_path / "result").read_bytes() == expected


def test_a_checkpoint_of_another_training_is_refused(corpus, tmp_path):
    train_skipgram(corpus, **SMALL, checkpoints=tmp_path, checkpoint_words=50_000)
    with pytest.raises(InputError, match=r"checkpoint\.safetensors: .*other settings"):
        train_skipgram(corpus, **SMALL, window=3, checkpoints=tmp_path)


def test_a_damaged_checkpoint_is_as_good_as_none(tmp_path):
    state = State.initial(10, 4, seed=1)
    state.save(tmp_path, {"a": 1})
    assert State.restore(tmp_path, {"a": 1}, Notes()) is not None
    path = tmp_path / "checkpoint.safetensors"
    path.write_bytes(path.read_bytes()[:-10])
    notes = Notes()
    assert State.restore(tmp_path, {"a": 1}, notes) is None
    assert "damaged checkpoint" in notes.notes[0]


def test_vectors_say_what_they_were_trained_on(corpus):
    info = train_skipgram(corpus, **SMALL).info
    assert info["model"] == "skipgram"
    assert info["settings"]["splits"] == ["train"]
    json.dumps(info)


def test_held_out_splits_are_not_seen():
    corpus = make_corpus([[0, 1, 2, 3] * 20, [4, 5, 6, 7] * 20], words=8)
    corpus.splits.clear()
    corpus.splits.update({"train": range(1), "test": range(1, 2)})
    initial = State.initial(10, 16, seed=1).inputs[6:, :16]
    kept_out = train_skipgram(corpus, **SMALL)
    assert (kept_out.matrix[4:] == initial).all()
    assert kept_out.info["settings"]["splits"] == ["train"]
    named = train_skipgram(corpus, **SMALL, splits=["train", "test"])
    assert (named.matrix[4:] != initial).any()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dim": 0}, "dim: input should be greater than or equal to 1, not 0"),
        ({"sample": -1.0}, "sample: "),
        ({"lr": "fast"}, "lr: .*'fast'"),
        ({"splits": ["tset"]}, "no split 'tset': the corpus has train"),
    ],
)
def test_bad_settings(corpus, settings, message):
    with pytest.raises(InputError, match=message):
        train_skipgram(corpus, **settings)


def test_a_misspelt_setting_is_named(corpus):
    with pytest.raises(TypeError, match="no setting 'windows': did you mean 'window'"):
        train_skipgram(corpus, windows=3)


def test_a_diverging_training_says_so(corpus):
    with pytest.raises(InputError, match=r"diverged.*[Ll]ower lr"):
        train_skipgram(corpus, **SMALL, lr=1e30)


def test_a_damaged_corpus_is_refused(corpus):
    corpus.tokens[7] = 1000
    with pytest.raises(InputError, match="token ids beyond its vocabulary"):
        train_skipgram(corpus, **SMALL)
