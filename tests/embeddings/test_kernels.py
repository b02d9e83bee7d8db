"""The kernels beside the reference, and the reference beside numerical gradients."""

from itertools import pairwise

import numpy as np
import pytest
from embeddings import reference

from textdl.embeddings.hogwild import Stretch
from textdl.embeddings.kernels.cbow import cbow_kernel
from textdl.embeddings.kernels.skipgram import skipgram_kernel
from textdl.embeddings.kernels.softmax import softmax_kernel
from textdl.embeddings.kernels.subwords import subword_kernel
from textdl.embeddings.parts import ONE_PART, Parts
from textdl.embeddings.sampling import ALWAYS, Noise, Windows, alias_table, keep_thresholds
from textdl.embeddings.state import State
from textdl.embeddings.tree import NO_TREE, huffman_tree

WORDS, EXTRA = 40, 25
LR, SLOPE, STREAM = 0.05, 5e-6, 12345678901234567890
TARGETS = [(2, 1.0), (3, -1.0), (5, -2.5), (2, -1.0), (3, -1.0), (4, 0.5)]


def zipf(n):
    weights = 1 / np.arange(1, n + 1)
    return weights / weights.sum()


@pytest.fixture
def documents():
    random = np.random.default_rng(1)
    lengths = [1, 30, 0, 2, 200, 7]
    return [random.choice(WORDS, n, p=zipf(WORDS)).astype(np.int32) for n in lengths]


class Case:
    """One model in both forms."""

    def __init__(self, documents, dim, *, window=5, shrink=True, negative=5, shared=1, rows=WORDS):
        random = np.random.default_rng(2)
        self.documents, self.dim = documents, dim
        counts = np.bincount(np.concatenate(documents), minlength=WORDS)
        keep = keep_thresholds(counts, 0.05)
        assert (keep < ALWAYS).any()
        weights = random.uniform(0.5, 2, WORDS).astype(np.float32)
        self.state = State.initial(rows, dim, seed=3, outputs=WORDS)
        for matrix in (self.state.inputs, self.state.outputs):
            matrix[:, :dim] = random.normal(scale=0.3, size=(len(matrix), dim))
        v, u = (m[:, :dim].astype(np.float64) for m in (self.state.inputs, self.state.outputs))
        thresholds, aliases = alias_table(counts**0.75)
        self.windows = Windows(window, shrink, keep, weights)
        self.noise = Noise(thresholds, aliases, shared)
        self.tree = huffman_tree(counts)
        ends = self.tree.offsets.tolist()
        self.paths = [
            list(zip(self.tree.nodes[a:b].tolist(), self.tree.targets[a:b].tolist(), strict=True))
            for a, b in pairwise(ends)
        ]
        self.model = reference.Model(
            v, u, keep.tolist(), weights.astype(np.float64), thresholds.tolist(), aliases.tolist(),
            window, shrink, negative, shared,
        )  # fmt: skip

    def agrees(self, train, kernel, *arguments, lr=LR):
        expected = train(self.model, self.documents, lr=lr, slope=SLOPE, stream=STREAM)
        lengths = [len(document) for document in self.documents]
        stretch = Stretch(
            np.concatenate(self.documents), np.concatenate([[0], np.cumsum(lengths)]),
            0, 0, sum(lengths), lr, SLOPE, np.uint64(STREAM),
        )  # fmt: skip
        loss, pairs = kernel(
            self.state.inputs, self.state.outputs, stretch, self.windows, *arguments
        )
        assert pairs == expected[1] > 0
        assert loss == pytest.approx(expected[0], rel=1e-5)
        for ours, theirs in ((self.state.inputs, self.model.v), (self.state.outputs, self.model.u)):
            np.testing.assert_allclose(ours[:, : self.dim], theirs, atol=3e-5)
            assert not ours[:, self.dim :].any()


@pytest.mark.parametrize("scale", [1.0, 1 / 3])
def test_the_reference_agrees_with_numerical_gradients(scale):
    v, u = np.random.default_rng(0).normal(size=(2, 6, 4))
    rows = [0, 1, 1]
    dh, du = reference.gradients(v, u, rows, scale, TARGETS)
    dv = np.zeros_like(v)
    for row in rows:
        dv[row] += scale * dh
    for matrix, gradient in ((v, dv), (u, du)):
        for place in np.ndindex(matrix.shape):
            before, losses = matrix[place], []
            for change in (1e-5, -1e-5):
                matrix[place] = before + change
                losses.append(reference.loss_of(v, u, rows, scale, TARGETS))
            matrix[place] = before
            assert gradient[place] == pytest.approx((losses[0] - losses[1]) / 2e-5, abs=1e-7)


@pytest.mark.parametrize("scale", [1.0, 1 / 3])
def test_a_normalized_step_goes_down_the_gradient(scale):
    v, u = np.random.default_rng(0).normal(size=(2, 6, 4))
    targets, rows = TARGETS[:3], [0, 1, 1]
    dh, du = reference.gradients(v, u, rows, scale, targets)
    expected = v.copy()
    for row in rows:
        expected[row] -= 0.01 * scale * dh
    u_after = u - 0.01 * du
    reference.step(v, u, rows, scale, scale, targets, 0.01)
    np.testing.assert_allclose(v, expected)
    np.testing.assert_allclose(u, u_after)


def test_a_window_step_goes_down_the_gradients_of_its_context_words():
    v, u = np.random.default_rng(0).normal(size=(2, 6, 4))
    contexts, targets = [0, 1, 4], TARGETS[:3]
    parts = [reference.gradients(v, u, [c], 1, targets) for c in contexts]
    v_after, u_after = v.copy(), u - 0.01 * sum(du for _, du in parts)
    for c, (dh, _) in zip(contexts, parts, strict=True):
        v_after[c] -= 0.01 * dh
    reference.window_step(v, u, contexts, targets, 0.01)
    np.testing.assert_allclose(v, v_after)
    np.testing.assert_allclose(u, u_after)


@pytest.mark.parametrize(
    ("dim", "negative", "window", "shrink", "shared"),
    [
        (1, 1, 1, False, 1),
        (16, 5, 5, True, 1),
        (100, 5, 5, True, 4),
        (20, 12, 3, False, 1),
        (33, 3, 20, True, 3),
    ],
)
def test_skipgram(documents, dim, negative, window, shrink, shared):
    case = Case(documents, dim, window=window, shrink=shrink, negative=negative, shared=shared)
    stride = -(-2 * window // 16) * 16
    kernel = skipgram_kernel(case.state.inputs.shape[1], negative, stride)
    case.agrees(reference.train_skipgram, kernel, case.noise)


@pytest.mark.parametrize(("dim", "window"), [(1, 5), (16, 1), (16, 20)])
def test_skipgram_with_hierarchical_softmax(documents, dim, window):
    case = Case(documents, dim, window=window)
    case.model.paths = case.paths
    case.agrees(
        reference.train_skipgram_softmax, softmax_kernel(case.state.inputs.shape[1]), case.tree
    )


@pytest.mark.parametrize("softmax", [False, True])
@pytest.mark.parametrize(("mean", "normalized"), [(True, True), (True, False), (False, True)])
@pytest.mark.parametrize(
    ("dim", "negative", "window", "shared"), [(16, 5, 5, 1), (16, 1, 20, 4), (100, 70, 1, 1)]
)
def test_cbow(documents, softmax, mean, normalized, dim, negative, window, shared):
    case = Case(documents, dim, window=window, negative=negative, shared=shared)
    case.model.mean, case.model.normalized = mean, normalized
    case.model.paths = case.paths if softmax else []
    kernel = cbow_kernel(case.state.inputs.shape[1], False, softmax)
    tree = case.tree if softmax else NO_TREE
    case.agrees(
        reference.train_cbow, kernel, negative, case.noise, tree, ONE_PART, mean, normalized
    )


def made_of_parts(documents, dim, **settings):
    """Words of one to six rows, some of them shared and one of them twice."""
    case = Case(documents, dim, rows=WORDS + EXTRA, **settings)
    random = np.random.default_rng(5)
    case.model.parts = [
        [word, *random.integers(WORDS, WORDS + EXTRA, random.integers(0, 6)).tolist()]
        for word in range(WORDS)
    ]
    case.model.parts[0] = [0, WORDS, WORDS]
    offsets = np.cumsum([0, *map(len, case.model.parts)])
    return case, Parts(np.concatenate(case.model.parts).astype(np.int32), offsets, 6)


@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize(
    ("dim", "negative", "window", "shrink", "shared"),
    [(16, 5, 5, True, 1), (16, 20, 1, False, 1), (100, 1, 20, True, 4)],
)
def test_skipgram_of_subwords(documents, normalized, dim, negative, window, shrink, shared):
    case, parts = made_of_parts(
        documents, dim, window=window, shrink=shrink, negative=negative, shared=shared
    )
    case.model.normalized = normalized
    case.model.per_pair = 3
    kernel = subword_kernel(case.state.inputs.shape[1])
    # A negative sample of a wide window counts so much that steps make rounding errors grow.
    lr = LR if window < 20 else LR / 10
    case.agrees(reference.train_subwords, kernel, 3, negative, case.noise, parts, normalized, lr=lr)


@pytest.mark.parametrize("normalized", [False, True])
def test_cbow_of_subwords(documents, normalized):
    case, parts = made_of_parts(documents, 16)
    case.model.normalized = normalized
    kernel = cbow_kernel(16, True, False)
    case.agrees(reference.train_cbow, kernel, 5, case.noise, NO_TREE, parts, True, normalized)
