import json
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from embeddings.conftest import make_corpus
from embeddings.glove_reference import Model

import textdl
from textdl.embeddings import glove
from textdl.embeddings.cooccurrence import count_cooccurrences
from textdl.embeddings.glove import train_glove
from textdl.embeddings.kernels.glove import glove_kernel
from textdl.errors import InputError
from textdl.vectors import Vectors

SMALL = {"dim": 16, "epochs": 2, "workers": 1}


class Notes:
    def __init__(self):
        self.notes, self.updates = [], []

    def update(self, done, total, unit, **facts):
        self.updates.append((done, total, unit, facts))

    def note(self, text):
        self.notes.append(text)


@pytest.fixture
def counts(corpus, tmp_path):
    return count_cooccurrences(corpus, tmp_path / "counts", window=5)


def test_the_reference_gradients_are_the_losses_derivatives():
    random = np.random.default_rng(0)
    shapes = [(4, 3), (4, 3), (4,), (4,)]
    model = Model(*(random.normal(size=shape) for shape in shapes))
    for cell in [(1, 2, 7.0, 100, 0.75), (3, 3, 250.0, 100, 0.75), (0, 1, 0.2, 10, 2)]:
        rows = (cell[0], cell[1], cell[0], cell[1])
        for x, row, gradient in zip(model.parameters, rows, model.gradients(*cell), strict=True):
            for place in np.ndindex(x[row].shape):
                index, h = (row, *place), 1e-6
                x[index] += h
                above = model.loss(*cell)
                x[index] -= 2 * h
                below = model.loss(*cell)
                x[index] += h
                assert np.asarray(gradient)[place] == pytest.approx(
                    (above - below) / (2 * h), rel=1e-6, abs=1e-9
                )


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("dim", [1, 6, 7, 14, 15, 31, 100])
def test_the_kernel_makes_the_references_steps(tmp_path, dim, symmetric):
    random = np.random.default_rng(dim)
    corpus = make_corpus([np.minimum(random.geometric(0.2, 300) - 1, 19)], words=20)
    counts = count_cooccurrences(corpus, tmp_path, window=4, symmetric=symmetric)
    x_max, alpha, lr, clip = 20.0, 0.75, 0.2, 0.5  # the clip is reached
    records = glove._allocate(len(counts), dim)
    glove._initialise(records, dim, seed=3)
    records[:, 0, : dim + 1] *= dim
    model = Model(
        records[:, 0, :dim], records[:, 2, :dim], records[:, 0, dim], records[:, 2, dim + 1]
    )
    kernel = glove_kernel(dim, records.shape[2], True)
    loss, _, cells = kernel(
        records, counts.offsets, counts.columns, counts.values, 0, len(counts), symmetric,
        *map(np.float32, (np.log(x_max), alpha, lr, clip)), np.uint64(1), np.uint64(0),
    )  # fmt: skip
    expected, clipped, steps = 0.0, 0, 0
    for i in range(len(counts)):
        for k in range(counts.offsets[i], counts.offsets[i + 1]):
            j, x = int(counts.columns[k]), float(counts.values[k])
            # (j, i) shares no parameter with (i, j): their order does not matter.
            for cell in [(i, j), (j, i)] if symmetric and i != j else [(i, j)]:
                expected += model.loss(*cell, x, x_max, alpha)
                gradients = model.gradients(*cell, x, x_max, alpha)
                clipped += any(np.abs(g).max() > clip for g in gradients)
                model.step(*cell, x, x_max, alpha, lr, clip)
                steps += 1
    assert cells == steps
    assert clipped
    assert loss == pytest.approx(expected, rel=1e-4)
    w, c, b, d = model.parameters
    for mine, theirs in [
        (records[:, 0, :dim], w), (records[:, 2, :dim], c),
        (records[:, 0, dim], b), (records[:, 2, dim + 1], d),
        (records[:, 1, :dim], model.sums[0]), (records[:, 3, :dim], model.sums[1]),
        (records[:, 1, dim], model.sums[2]), (records[:, 3, dim + 1], model.sums[3]),
    ]:  # fmt: skip
        np.testing.assert_allclose(mine, theirs, rtol=2e-4, atol=2e-4)
    assert (records[:, 0, dim + 1] == 1).all()
    assert (records[:, 2, dim] == 1).all()
    assert not records[:, [0, 2], dim + 2 :].any()


def test_words_of_one_topic_come_together(counts):
    vectors = train_glove(counts, **{**SMALL, "epochs": 30})
    for word in ("w0", "w1", "w10", "w11"):
        parity = int(word[1:]) % 2
        assert all(int(other[1:]) % 2 == parity for other, _ in vectors.neighbors(word, top=10))


def test_a_shuffled_corpus_has_no_topics(corpus, tmp_path):
    np.random.default_rng(0).shuffle(corpus.tokens)
    counts = count_cooccurrences(corpus, tmp_path, window=5)
    vectors = train_glove(counts, **{**SMALL, "epochs": 30})
    same = [
        int(other[1:]) % 2 == i % 2
        for i in range(40)
        for other, _ in vectors.neighbors(f"w{i}", top=10)
    ]
    assert 0.35 < np.mean(same) < 0.65


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(counts):
    first, second, other = (
        train_glove(counts, **SMALL, seed=seed).matrix.tobytes() for seed in (1, 1, 2)
    )
    assert first == second
    assert first != other


def test_two_workers_learn_as_well_as_one(counts):
    one, two = (
        train_glove(counts, **{**SMALL, "workers": workers}).info["losses"][-1]
        for workers in (1, 2)
    )
    assert two == pytest.approx(one, rel=0.05)


def test_the_loss_falls_and_is_a_mean_over_cells(counts):
    notes = Notes()
    vectors = train_glove(counts, **{**SMALL, "epochs": 4}, progress=notes)
    losses = vectors.info["losses"]
    assert losses == sorted(losses, reverse=True)
    done, total, unit, facts = notes.updates[-1]
    assert done == total == 4 * counts.matrix().nnz
    assert unit == "cells"
    assert facts["loss"] == losses[-1]
    json.dumps(vectors.info)


def test_held_out_cells_are_not_learned_from(corpus, counts):
    vectors = train_glove(counts, **{**SMALL, "epochs": 5}, held_out=0.2)
    held_out = vectors.info["held_out_losses"]
    assert len(held_out) == 5
    assert held_out[-1] < held_out[0]
    stopped = train_glove(
        counts, **{**SMALL, "epochs": 200, "lr": 0.5}, held_out=0.5, patience=2
    ).info["held_out_losses"]
    assert len(stopped) < 200
    assert min(stopped) == stopped[-3]


def test_sum_and_word_vectors(counts):
    both = train_glove(counts, **SMALL)
    word = train_glove(counts, **SMALL, vectors="word")
    np.testing.assert_array_equal(both.matrix, word.matrix + word.context)
    assert both.words[0] == "w0"
    assert both.counts.tolist() == counts.vocab.counts[2:].tolist()


@pytest.mark.parametrize("vectors", ["sum", "word"])
@pytest.mark.parametrize("with_context", [True, False])
def test_training_goes_on_from_vectors(corpus, counts, tmp_path, vectors, with_context):
    trained = train_glove(counts, **{**SMALL, "epochs": 10}, vectors=vectors)
    kept = trained.words[10:]
    init = Vectors(
        ["new", *kept],
        np.concatenate([np.zeros((1, 16)), trained.matrix[10:]]),
        context=np.concatenate([np.zeros((1, 16)), trained.context[10:]]).astype(np.float32)
        if with_context
        else None,
    )
    records = glove._allocate(len(counts), 16)
    glove._initialise(records, 16, seed=1)
    random = records.copy()
    glove._take_over(records, counts, init, 16, vectors)
    result = records[:, 0, :16] + (records[:, 2, :16] if vectors == "sum" else 0)
    np.testing.assert_allclose(result[10:], trained.matrix[10:], atol=1e-6)
    np.testing.assert_array_equal(records[:10], random[:10])
    warm = train_glove(counts, **SMALL, vectors=vectors, init=init).info["losses"]
    assert warm[0] != train_glove(counts, **SMALL, vectors=vectors).info["losses"][0]
    with pytest.raises(InputError, match="init: its vectors have dim 16, not 8: set dim to 16"):
        train_glove(counts, dim=8, init=init)


def test_a_killed_training_ends_in_the_same_bytes(counts, tmp_path):
    """SIGKILL, again and again, until it gets through."""
    settings = {**SMALL, "epochs": 12, "held_out": 0.1}
    expected = train_glove(counts, **settings).matrix.tobytes()
    script = """
import sys, time
from pathlib import Path
from textdl.embeddings.cooccurrence import Cooccurrences
from textdl.embeddings.glove import train_glove

class Slow:
    def update(self, *args, **facts): time.sleep(0.01)
    def note(self, text): print(text, flush=True)

folder = Path(sys.argv[1])
vectors = train_glove(
    Cooccurrences.load(folder / "counts"), dim=16, epochs=12, workers=1, held_out=0.1,
    checkpoint_cells=1000, checkpoints=folder / "checkpoints", progress=Slow(),
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


def test_the_best_epoch_survives_a_stop(counts, tmp_path):
    settings = {**SMALL, "epochs": 30, "lr": 0.3, "held_out": 0.3, "patience": 3}
    whole = Notes()
    expected = train_glove(counts, **settings, progress=whole)
    assert len(expected.info["losses"]) < 30

    class Cancel(Notes):
        def update(self, *args, **facts):
            super().update(*args, **facts)
            if len(self.updates) == len(whole.updates) - 10:  # after the best epoch
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_glove(counts, **settings, checkpoints=tmp_path / "c", progress=Cancel())
    resumed = Notes()
    vectors = train_glove(counts, **settings, checkpoints=tmp_path / "c", progress=resumed)
    assert len(resumed.updates) == 10
    assert vectors.matrix.tobytes() == expected.matrix.tobytes()
    assert vectors.info == expected.info


def test_a_checkpoint_of_another_training_is_refused(counts, tmp_path):
    train_glove(counts, **SMALL, checkpoints=tmp_path / "c", checkpoint_cells=1000)
    with pytest.raises(InputError, match=r"checkpoint\.safetensors: .*other settings"):
        train_glove(counts, **SMALL, lr=0.1, checkpoints=tmp_path / "c")
    others = replace(counts, values=np.asarray(counts.values) * 2)
    with pytest.raises(InputError, match=r"checkpoint\.safetensors: .*other settings"):
        train_glove(others, **SMALL, checkpoints=tmp_path / "c")


def test_a_diverging_training_says_so_and_leaves_no_bad_checkpoint(counts, tmp_path):
    settings = {**SMALL, "checkpoints": tmp_path / "c", "checkpoint_cells": 1000}
    far_off = np.full((len(counts), SMALL["dim"]), 1e5, np.float32)
    init = Vectors(list(counts.vocab.words)[2:], far_off)
    with pytest.raises(InputError, match=r"diverged.*Lower lr \(it was 1e-06\)"):
        train_glove(counts, **settings, lr=1e-6, init=init)
    assert not (tmp_path / "c" / "checkpoint.safetensors").exists()


@pytest.mark.parametrize("lr", [1.0, 1000.0])
def test_no_learning_rate_makes_training_diverge(counts, lr):
    losses = train_glove(counts, **{**SMALL, "epochs": 20}, lr=lr).info["losses"]
    assert losses[-1] < losses[0]


def test_the_largest_settings_make_no_nan(tmp_path, monkeypatch):
    random = np.random.default_rng(0)
    counts = count_cooccurrences(make_corpus([random.integers(0, 30, 3000)]), tmp_path)
    monkeypatch.setattr(glove, "_refuse_divergence", lambda *_: None)
    vectors = train_glove(counts, dim=300, lr=1000.0, clip=1e6, alpha=0.0, epochs=20)
    assert np.isfinite(vectors.matrix).all()
    assert np.isfinite(vectors.info["losses"]).all()


@pytest.mark.parametrize("documents", [[[0, 1]], [[0] * 9], [[0, 1, 2, 3, 4]]])
def test_tiny_counts(documents, tmp_path):
    counts = count_cooccurrences(make_corpus(documents), tmp_path)
    assert np.isfinite(train_glove(counts, dim=1, epochs=2).matrix).all()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dim": 0}, "dim: "),
        ({"lr": 1e30}, "lr: input should be less than or equal to 1000"),
        ({"vectors": "both"}, "vectors: "),
        ({"patience": 2}, "patience needs held-out cells"),
    ],
)
def test_bad_settings(counts, settings, message):
    with pytest.raises(InputError, match=message):
        train_glove(counts, **settings)


def test_no_counts_and_damaged_counts(corpus, counts, tmp_path):
    empty = count_cooccurrences(make_corpus([[0], [1]]), tmp_path / "empty")
    with pytest.raises(InputError, match="nothing to train on"):
        train_glove(empty)
    counts.save(tmp_path / "copy")
    columns = np.array(counts.columns)
    columns[3] = 100
    object.__setattr__(counts, "columns", columns)
    with pytest.raises(InputError, match="damaged"):
        train_glove(counts)


def test_the_stages_in_a_pipeline(tmp_path):
    random = np.random.default_rng(0)
    topics = [["red", "green", "blue"], ["one", "two", "three"]]
    lines = [" ".join(random.choice(topics[i % 2], 20)) for i in range(200)]
    (tmp_path / "text.txt").write_text("\n".join(lines))
    (tmp_path / "job.toml").write_text(f"""
[reviews]
dataset = "{tmp_path}/text.txt"
[tokens]
inputs = {{ documents = "reviews" }}
[cooccurrences]
inputs = {{ corpus = "tokens" }}
window = 4
[glove]
inputs = {{ counts = "cooccurrences" }}
dim = 8
epochs = 20
workers = 1
""")
    run = textdl.run(tmp_path / "job.toml", home=tmp_path / "home", runs=tmp_path / "runs")
    assert {word for word, _ in run.glove.neighbors("red", top=2)} == {"green", "blue"}
    assert run.glove.info["counts"]["settings"]["window"] == 4
