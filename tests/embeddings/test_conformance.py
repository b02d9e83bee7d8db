"""What every trainer must do."""

import json
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from embeddings.conftest import make_corpus
from embeddings.trainers import OVER_TEXT, TRAINERS, train

from textdl.embeddings.kernels.windows import subsample
from textdl.embeddings.state import State
from textdl.errors import InputError
from textdl.packed import PackedStrings
from textdl.text.vocab import SPECIALS, Vocab
from textdl.vectors import Vectors

all_trainers = pytest.mark.parametrize("name", TRAINERS)
over_text = pytest.mark.parametrize("name", OVER_TEXT)


class Notes:
    def __init__(self):
        self.notes, self.updates = [], []

    def update(self, done, total, unit, **facts):
        self.updates.append((done, total, unit, facts))

    def note(self, text):
        self.notes.append(text)


class Cancel(Notes):
    """Ctrl-C after so many updates."""

    def __init__(self, after):
        super().__init__()
        self.after = after

    def update(self, *args, **facts):
        super().update(*args, **facts)
        if len(self.updates) == self.after:
            raise KeyboardInterrupt


def dones(*heard):
    """How far it was said to be, of how much."""
    return [update[:2] for notes in heard for update in notes.updates]


@pytest.fixture
def small():
    """20,000 words, half of them in a split of their own."""
    random = np.random.default_rng(0)
    weights = 1 / np.arange(1, 31)
    corpus = make_corpus(
        random.choice(30, 20, p=weights / weights.sum()) * 2 + i % 2 for i in range(1000)
    )
    corpus.splits.clear()
    corpus.splits.update({"train": range(500), "validation": range(500, 1000)})
    return corpus


def share_of_own_topic(vectors):
    """Even words stand with even ones: how many of the nearest neighbours are of one's kind."""
    found = [
        int(other[1:]) % 2 == int(word[1:]) % 2
        for word in vectors.words[:40]
        for other, _ in vectors.neighbors(word, top=5)
    ]
    return np.mean(found)


@all_trainers
def test_words_of_one_topic_come_together_and_not_in_a_shuffled_corpus(name, corpus):
    settings = {"epochs": 8, "lr": 0.05}
    assert share_of_own_topic(train(name, corpus, **settings)) > 0.95
    tokens = np.random.default_rng(1).permutation(corpus.tokens)
    shuffled = type(corpus)(**{**vars(corpus), "tokens": tokens})
    assert share_of_own_topic(train(name, shuffled, **settings)) < 0.8


@all_trainers
def test_the_same_seed_gives_the_same_bytes_and_another_does_not(name, small):
    first, second, other = (train(name, small, seed=seed).matrix.tobytes() for seed in (1, 1, 2))
    assert first == second
    assert first != other


@all_trainers
def test_two_workers_learn_as_well_as_one(name, corpus):
    one, two = (train(name, corpus, workers=workers).info["losses"][-1] for workers in (1, 2))
    assert two == pytest.approx(one, rel=0.05)


@all_trainers
def test_progress_reaches_the_end(name, corpus):
    notes = Notes()
    vectors = train(name, corpus, epochs=3, progress=notes)
    done, total, unit, facts = notes.updates[-1]
    assert done == total > 0
    assert unit == ("cells" if name == "glove" else "words")
    assert facts["loss"] == pytest.approx(vectors.info["losses"][-1])
    assert len(vectors.info["losses"]) == 3
    assert sum("epoch " in note for note in notes.notes) == 3


@pytest.mark.parametrize("name", ["skipgram", "cbow", "fasttext"])
def test_the_loss_is_a_mean_over_pairs_and_falls(name, corpus):
    untrained = train(name, corpus, epochs=1, lr=1e-9).info["losses"][0]
    # Untrained vectors have the score 0 with everything. A sample that is the word itself counts
    # nothing, which in so small a vocabulary takes a part away.
    assert 4 * np.log(2) < untrained <= 6 * np.log(2)
    # So slowly that no trainer has converged, where the loss only follows the learning rate.
    losses = train(name, corpus, epochs=3, lr=1e-3).info["losses"]
    assert untrained > losses[0] > losses[1] > losses[2] > 0


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


@over_text
def test_a_document_of_a_million_words_is_used_whole(name):
    corpus = make_corpus([np.arange(1_000_000) % 97])
    notes = Notes()
    vectors = train(
        name, corpus, epochs=1, window=1, shrink_windows=False, workers=2, progress=notes
    )
    assert notes.updates[-1][0] == 1_000_000
    windows = 1 if name in ("cbow", "cbow-softmax", "fasttext-cbow") else 2
    assert vectors.info["pairs"][0] == pytest.approx(windows * 1_000_000, rel=1e-4)


@all_trainers
@pytest.mark.parametrize(
    "documents",
    [[[0, 1, 0, 1]], [[0] * 50], [[], [0, 1], []]],
    ids=["two words", "one word fills it", "empty documents"],
)
def test_tiny_corpora(name, documents):
    vectors = train(name, make_corpus(documents))
    assert np.isfinite(vectors.matrix).all()


@over_text
def test_documents_of_one_word_teach_nothing(name):
    vectors = train(name, make_corpus([[0], [1], [2]]))
    assert np.isfinite(vectors.matrix).all()
    assert vectors.info["pairs"] == [0, 0]


@all_trainers
def test_an_empty_corpus_is_refused(name, corpus):
    corpus.splits["nothing"] = range(0)
    with pytest.raises(InputError, match=r"nothing to train on|no two words"):
        train(name, corpus, splits=["nothing"])


@all_trainers
@pytest.mark.parametrize("dim", [1, 1000])
def test_extreme_dimensions(name, dim):
    vectors = train(name, make_corpus([np.arange(300) % 20]), dim=dim)
    assert vectors.matrix.shape == (20, dim)
    assert np.isfinite(vectors.matrix).all()


@pytest.mark.parametrize("name", ["skipgram", "cbow", "fasttext", "fasttext-cbow"])
@pytest.mark.parametrize("negative", [1, 50])
def test_extreme_numbers_of_negative_samples(name, negative):
    vectors = train(name, make_corpus([np.arange(300) % 20]), negative=negative)
    assert np.isfinite(vectors.matrix).all()


@all_trainers
def test_words_of_any_script_keep_their_names(name, small):
    names = ["naïve", "n\u0303", "電影", "فيلم", "🎬🎬", "ß", "a b"]
    words = [*SPECIALS, *names, *(f"w{i}" for i in range(len(small.vocab) - 2 - len(names)))]
    object.__setattr__(small, "vocab", Vocab(PackedStrings.pack(words), small.vocab.counts))
    vectors = train(name, small)
    assert list(vectors.words) == words[2:]
    assert vectors["🎬🎬"].shape == (16,)


KILLED = """
import sys, time
from pathlib import Path
from embeddings.trainers import train
from textdl.embeddings import Cooccurrences
from textdl.text.corpus import Corpus
import textdl

class Slow:
    def update(self, *args, **facts): time.sleep(0.02)
    def note(self, text): print(text, flush=True)

folder, name = Path(sys.argv[1]), sys.argv[2]
settings = {"checkpoints": folder / "checkpoints", "progress": Slow(), "epochs": 10}
settings["checkpoint_cells" if name == "glove" else "checkpoint_words"] = int(sys.argv[3])
vectors = train(name, Corpus.load(folder / "corpus"), **settings)
(folder / "result").write_bytes(vectors.matrix.tobytes())
"""


@all_trainers
def test_a_killed_training_ends_in_the_same_bytes(name, corpus, tmp_path):
    """SIGKILL, again and again, until it gets through."""
    expected = train(name, corpus, epochs=10).matrix.tobytes()
    corpus.save(tmp_path / "corpus")
    checkpoint = tmp_path / "checkpoints/checkpoint.safetensors"
    every = 2_000 if name == "glove" else 25_000
    output = ""
    for kills in range(20):
        seen = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, tmp_path, name, str(every)],
            stdout=subprocess.PIPE, text=True, env=None, cwd="tests",
        )  # fmt: skip
        while process.poll() is None and kills < 2:
            if checkpoint.exists() and checkpoint.stat().st_mtime_ns > seen:
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(0.005)
        output += process.communicate()[0]
        if process.returncode == 0:
            break
    assert kills == 2
    assert output.count("resuming from the checkpoint at") == 2
    assert (tmp_path / "result").read_bytes() == expected


@over_text
def test_a_cancelled_training_goes_on(name, corpus, tmp_path):
    expected = train(name, corpus).matrix.tobytes()
    kept = {"checkpoints": tmp_path, "checkpoint_words": 25_000}
    threads = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        train(name, corpus, **kept, progress=Cancel(after=3), workers=2)
    assert threading.active_count() == threads
    for path in tmp_path.iterdir():
        path.unlink()
    with pytest.raises(KeyboardInterrupt):
        train(name, corpus, **kept, progress=Cancel(after=7))
    notes = Notes()
    assert train(name, corpus, **kept, progress=notes).matrix.tobytes() == expected
    assert any("resuming from the checkpoint at" in note for note in notes.notes)


@all_trainers
@pytest.mark.parametrize("share", [0.4, 1.0], ids=["amid epochs", "at the end"])
def test_a_stopped_training_computes_nothing_twice(name, share, corpus, tmp_path):
    whole = Notes()
    expected = train(name, corpus, progress=whole)
    after = int(share * len(whole.updates))
    stops = [Cancel(after), Cancel(after), Notes()] if share < 1 else [Cancel(after), Notes()]
    for stop in stops[:-1]:
        with pytest.raises(KeyboardInterrupt):
            train(name, corpus, checkpoints=tmp_path, progress=stop)
    vectors = train(name, corpus, checkpoints=tmp_path, progress=stops[-1])
    assert vectors.matrix.tobytes() == expected.matrix.tobytes()
    assert vectors.info == expected.info
    heard = dones(*stops)
    # GloVe says once more that it is at the end.
    assert heard[: len(whole.updates)] == dones(whole)
    assert set(heard[len(whole.updates) :]) <= {whole.updates[-1][:2]}


@all_trainers
def test_what_other_threads_are_busy_with_is_kept_too(name, corpus, tmp_path):
    whole, stopped, resumed = Notes(), Cancel(after=3), Notes()
    expected = train(name, corpus, workers=2, progress=whole)
    kept = {"checkpoints": tmp_path, "workers": 2}
    threads = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        train(name, corpus, **kept, progress=stopped)
    assert threading.active_count() == threads
    vectors = train(name, corpus, **kept, progress=resumed)
    note = next(note for note in resumed.notes if "resuming from the checkpoint at" in note)
    reached = int(note.split()[5].replace(",", ""))
    assert stopped.updates[-1][0] < reached < whole.updates[-1][0]
    assert dones(resumed) == [done for done in dones(whole) if done[0] > reached]
    assert vectors.info.get("pairs") == expected.info.get("pairs")
    assert vectors.info["losses"] == pytest.approx(expected.info["losses"], rel=0.05)


@over_text
def test_a_checkpoint_of_another_training_is_refused(name, small, tmp_path):
    train(name, small, checkpoints=tmp_path, checkpoint_words=5_000)
    with pytest.raises(InputError, match=r"checkpoint\.safetensors: .*other settings"):
        train(name, small, window=3, checkpoints=tmp_path)
    reversed_ = replace(small, tokens=small.tokens[::-1].copy(), folder=None)
    with pytest.raises(InputError, match=r"checkpoint\.safetensors: .*another corpus"):
        train(name, reversed_, checkpoints=tmp_path)


def test_a_checkpoint_begun_from_other_vectors_is_refused(small, tmp_path):
    words = list(small.vocab.words)
    matrix = np.random.default_rng(1).normal(size=(len(words), 16)).astype(np.float32)
    context = np.ones_like(matrix)
    inits = [
        Vectors(words, matrix),
        Vectors(words[::-1], matrix),
        Vectors(words, matrix, context=context),
        Vectors(words, matrix, context=2 * context),
    ]
    for i, init in enumerate(inits):
        folder = tmp_path / str(i)
        train("skipgram", small, init=init, checkpoints=folder, checkpoint_words=5_000)
        train("skipgram", small, init=init, checkpoints=folder)
        with pytest.raises(InputError, match=r"checkpoint\.safetensors: .*other settings"):
            train("skipgram", small, init=inits[i - 1], checkpoints=folder)


def test_a_damaged_checkpoint_is_as_good_as_none(tmp_path):
    state = State.initial(10, 4, seed=1)
    state.save(tmp_path, {"a": 1})
    assert State.restore(tmp_path, {"a": 1}, Notes()) is not None
    path = tmp_path / "checkpoint.safetensors"
    path.write_bytes(path.read_bytes()[:-10])
    notes = Notes()
    assert State.restore(tmp_path, {"a": 1}, notes) is None
    assert "damaged checkpoint" in notes.notes[0]


@all_trainers
def test_vectors_say_what_they_were_trained_on(name, small):
    info = json.loads(json.dumps(train(name, small).info))
    assert info["model"] == name.split("-")[0].replace("floret", "fasttext")
    assert info["settings"]["dim"] == 16
    assert info["tokenizer"] == small.tokenizer.settings()


@over_text
def test_held_out_splits_are_not_seen(name, small):
    only = train(name, small)
    small.tokens[small.offsets[500] :] = 2
    assert train(name, small).matrix.tobytes() == only.matrix.tobytes()
    named = train(name, small, splits=["train", "validation"])
    assert named.matrix.tobytes() != only.matrix.tobytes()


@over_text
def test_the_held_out_loss_changes_nothing(name, small):
    alone = train(name, small)
    watched = train(name, small, held_out="validation")
    assert watched.matrix.tobytes() == alone.matrix.tobytes()
    assert len(watched.info["held_out_losses"]) == 2
    assert watched.info["held_out_losses"][-1] == pytest.approx(watched.info["losses"][-1], rel=0.2)


@pytest.mark.parametrize("name", ["skipgram", "cbow", "fasttext"])
def test_patience_stops_at_the_best_epoch(name, small):
    # The validation texts are noise: learning the training texts makes their loss rise.
    small.tokens[small.offsets[500] :] = np.random.default_rng(3).integers(2, 62, 10_000)
    settings = {"held_out": "validation", "lr": 0.1, "min_lr": 0.1}
    stopped = train(name, small, epochs=20, patience=2, **settings)
    losses = stopped.info["held_out_losses"]
    best = int(np.argmin(losses))
    assert len(losses) == best + 3 < 20
    assert min(losses[best + 1 :]) > losses[best]
    again = train(name, small, epochs=20, patience=1, **settings)
    assert again.matrix.tobytes() == stopped.matrix.tobytes()


def test_patience_needs_something_to_look_at(small):
    with pytest.raises(InputError, match="set held_out"):
        train("skipgram", small, patience=1)
    with pytest.raises(InputError, match="'train' is trained on"):
        train("skipgram", small, held_out="train")


@pytest.mark.parametrize("name", ["skipgram", "cbow", "fasttext", "fasttext-cbow", "floret"])
def test_training_is_continued(name, corpus):
    first = train(name, corpus, epochs=4, keep_context=True)
    assert first.context.shape == first.matrix.shape
    rate = {"lr": 0.005, "epochs": 1}
    more, cold = train(name, corpus, init=first, **rate), train(name, corpus, **rate)
    assert more.info["losses"][0] < first.info["losses"][-1] * 1.01
    assert more.info["losses"][0] < cold.info["losses"][0] * 0.95
    assert more.info["init"] == {"model": first.info["model"], "words": len(first)}


@all_trainers
def test_new_words_begin_at_random_and_old_ones_where_they_were(name, small):
    init = Vectors(["w3", "elsewhere", "w1"], np.random.default_rng(0).normal(size=(3, 16)))
    if name == "floret":
        with pytest.raises(InputError, match="same n-gram table"):
            train(name, small, init=init)
        return
    vectors = train(name, small, init=init, lr=1e-7, min_lr=0.0) if name != "glove" else (
        train(name, small, init=init, lr=1e-7)
    )  # fmt: skip
    assert list(vectors.words) == list(small.vocab.words)[2:]
    np.testing.assert_allclose(vectors["w3"], init["w3"], atol=1e-3)
    np.testing.assert_allclose(vectors["w1"], init["w1"], atol=1e-3)
    assert 0 < np.abs(vectors["w2"]).max() < 0.5


@all_trainers
def test_vectors_of_another_dimension_are_refused(name, small):
    with pytest.raises(InputError, match="init: its vectors have"):
        train(name, small, init=Vectors(["w3"], [[1.0, 2.0]]))


def test_words_below_min_count_are_left_out(corpus):
    counts = corpus.vocab.counts
    least = int(np.median(counts[2:]))
    vectors = train("skipgram", corpus, min_count=least)
    assert list(vectors.words) == [
        word for word, n in zip(corpus.vocab.words, counts, strict=True) if n >= least
    ]
    with pytest.raises(InputError, match="lower min_count"):
        train("skipgram", corpus, min_count=10**9)


@over_text
def test_word_weights(name, small):
    alone = train(name, small, epochs=1)
    same = train(name, small, epochs=1, word_weights={"w3": 1.0})
    assert same.matrix.tobytes() == alone.matrix.tobytes()
    nothing = train(name, small, epochs=1, word_weights=dict.fromkeys(small.vocab.words[2:], 0.0))
    assert nothing.info["losses"] == [0.0]
    with pytest.raises(InputError, match="no word 'nosuch'"):
        train(name, small, word_weights={"nosuch": 2.0})


@all_trainers
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dim": 0}, "dim: input should be greater than or equal to 1, not 0"),
        ({"epochs": 0}, "epochs: "),
        ({"lr": "fast"}, "lr: .*'fast'"),
        ({"splits": ["tset"]}, "no split 'tset': the corpus has train"),
    ],
)
def test_bad_settings(name, small, settings, message):
    with pytest.raises(InputError, match=message):
        train(name, small, **settings)


def test_n_grams_that_end_before_they_begin(small):
    with pytest.raises(InputError, match="min_n 6 is above max_n 3"):
        train("fasttext", small, min_n=6, max_n=3)


@all_trainers
def test_a_misspelt_setting_is_named(name, small):
    with pytest.raises(TypeError, match="no setting 'epoch': did you mean 'epochs'"):
        train(name, small, epoch=3)


@over_text
def test_a_diverging_training_says_so_and_keeps_its_checkpoint(name, corpus, tmp_path):
    with pytest.raises(InputError, match=r"diverged.*[Ll]ower lr"):
        train(name, corpus, lr=1e30)
    train(name, corpus, checkpoints=tmp_path, checkpoint_words=25_000)
    before = (tmp_path / "checkpoint.safetensors").read_bytes()
    with pytest.raises(InputError, match="other settings"):
        train(name, corpus, lr=1e30, checkpoints=tmp_path)
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == before


@all_trainers
def test_a_damaged_corpus_is_refused(name, small):
    small.tokens[7] = 1000
    with pytest.raises(InputError, match="token ids beyond its vocabulary"):
        train(name, small)
