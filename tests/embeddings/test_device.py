"""Training through torch, on torch's CPU build unless there is a GPU."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

import textdl
from textdl.embeddings.device import LIMIT, add, open_device, step
from textdl.errors import InputError

MODELS = {
    "skipgram": (textdl.train_skipgram, {}),
    "cbow": (textdl.train_cbow, {"shared_windows": 1}),
    "cbow, word2vec.c": (textdl.train_cbow, {"shared_windows": 1, "normalize_gradient": False}),
    "fasttext": (textdl.train_fasttext, {"bucket": 500}),
    "fasttext, cbow": (textdl.train_fasttext, {"bucket": 500, "architecture": "cbow"}),
}
all_models = pytest.mark.parametrize("name", MODELS)


@pytest.fixture
def corpus(corpus):
    """Some 6,000 words of two topics, and some that are held out."""
    return replace(corpus, splits={"train": range(200), "validation": range(200, 250)})


@pytest.fixture(autouse=True)
def one_thread():
    """Of many small operations, several threads are slower than one on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def train(name, corpus, device="torch-cpu", **settings):
    trainer, own = MODELS[name]
    common = {"dim": 16, "epochs": 2, "sample": 0.0, "workers": 1}
    return trainer(corpus, device=device, **{**common, **own, **settings})


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_a_step_is_that_of_the_loss():
    random = np.random.default_rng(0)
    h, u = random.normal(size=(3, 4, 8)), random.normal(size=(3, 5, 8))
    t = random.normal(size=(3, 4, 5)) * (random.random((3, 4, 5)) < 0.8)
    up, down, loss = np.zeros_like(h), np.zeros_like(u), 0.0
    for n, i, o in np.ndindex(t.shape):
        score, sign = h[n, i] @ u[n, o], np.sign(t[n, i, o])
        loss -= abs(t[n, i, o]) * np.log(sigmoid(sign * score))
        error = -t[n, i, o] * sigmoid(-sign * score)
        up[n, i] -= 0.1 * error * u[n, o]
        down[n, o] -= 0.1 * error * h[n, i]
    rate = torch.full((3, 1, 1), 0.1, dtype=torch.float64)
    found = step(torch.tensor(h), torch.tensor(u), torch.tensor(t), rate)
    for ours, expected in zip(found, (loss, up, down), strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-12)


def test_updates_of_a_row_are_summed_up_to_a_limit():
    matrix = torch.zeros(2, 3)
    add(matrix, torch.tensor([0] * 3 + [1] * 2 * LIMIT), torch.ones(3 + 2 * LIMIT, 3))
    np.testing.assert_allclose(matrix[:, 0], [3, LIMIT])


@all_models
def test_learns_what_the_kernels_learn(name, corpus):
    kernel, device = (train(name, corpus, device) for device in ("cpu", "torch-cpu"))
    assert device.info["losses"] == pytest.approx(kernel.info["losses"], rel=0.1)
    assert device.info["pairs"] == pytest.approx(kernel.info["pairs"], rel=0.02)


@all_models
def test_the_same_seed_gives_the_same_bytes(name, corpus):
    first, second, other = (train(name, corpus, seed=seed).matrix.tobytes() for seed in (1, 1, 2))
    assert first == second != other


class Cancel:
    def __init__(self, after):
        self.left, self.notes = after, []

    def update(self, *args, **facts):
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt

    def note(self, text):
        self.notes.append(text)


def test_a_cancelled_training_goes_on(corpus, tmp_path):
    expected = train("skipgram", corpus, epochs=4).matrix.tobytes()
    settings = {"epochs": 4, "checkpoints": tmp_path, "checkpoint_words": 1}
    with pytest.raises(KeyboardInterrupt):
        train("skipgram", corpus, **settings, progress=Cancel(3))
    progress = Cancel(100)
    assert train("skipgram", corpus, **settings, progress=progress).matrix.tobytes() == expected
    assert "resuming" in progress.notes[0]


def test_a_stopped_training_computes_nothing_twice(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr("textdl.embeddings.device.STRETCH", 1000)
    whole, stopped, resumed = Cancel(1000), Cancel(3), Cancel(1000)
    expected = train("skipgram", corpus, progress=whole)
    with pytest.raises(KeyboardInterrupt):
        train("skipgram", corpus, checkpoints=tmp_path, progress=stopped)
    vectors = train("skipgram", corpus, checkpoints=tmp_path, progress=resumed)
    assert vectors.matrix.tobytes() == expected.matrix.tobytes()
    assert vectors.info == expected.info
    assert 1000 - whole.left == 3 + 1000 - resumed.left > 6


def test_held_out_loss_patience_and_going_on(corpus):
    settings = {"held_out": "validation", "patience": 1, "keep_context": True}
    vectors = train("cbow", corpus, **settings)
    assert len(vectors.info["held_out_losses"]) == len(vectors.info["losses"])
    assert vectors.context.any()
    more = train("cbow", corpus, init=vectors, epochs=1, lr=0.001)
    assert more.info["losses"][0] < vectors.info["losses"][0]


def test_what_it_cannot_do_is_refused(corpus):
    with pytest.raises(InputError, match="hierarchical softmax trains on device='cpu'"):
        train("skipgram", corpus, objective="hierarchical-softmax")
    with pytest.raises(InputError, match="'gpu9' is none"):
        train("skipgram", corpus, device="gpu9")
    if not torch.cuda.is_available():
        with pytest.raises(InputError, match="torch finds no cuda"):
            open_device("cuda")


def test_the_processor_needs_no_torch():
    code = """
import sys
from embeddings.conftest import make_corpus
import textdl
textdl.train_skipgram(make_corpus([[0, 1, 2]]), dim=16, epochs=1)
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd="tests")
