import numpy as np
import pytest
from embeddings.reference import train as reference_train
from embeddings.reference import window_gradients, window_loss, window_step

from textdl.embeddings.kernels.skipgram import skipgram_kernel
from textdl.embeddings.sampling import ALWAYS, alias_table, keep_thresholds
from textdl.embeddings.state import State


def test_the_reference_agrees_with_numerical_gradients():
    random = np.random.default_rng(0)
    v, u = random.normal(size=(2, 6, 4))
    window = ([0, 1, 1, 4], 2, [3, 5, 2, 3])
    analytic = window_gradients(v, u, *window)
    for matrix, gradient in zip((v, u), analytic, strict=True):
        for place in np.ndindex(matrix.shape):
            before = matrix[place]
            losses = []
            for step in (1e-5, -1e-5):
                matrix[place] = before + step
                losses.append(window_loss(v, u, *window))
            matrix[place] = before
            assert gradient[place] == pytest.approx((losses[0] - losses[1]) / 2e-5, abs=1e-7)


def test_a_step_goes_down_the_gradient():
    random = np.random.default_rng(0)
    v, u = random.normal(size=(2, 6, 4))
    window = ([0, 1, 4], 2, [3, 5, 2, 3])
    dv, du = window_gradients(v, u, *window)
    v_after, u_after = v.copy(), u.copy()
    window_step(v_after, u_after, *window, 0.01)
    np.testing.assert_allclose(v_after, v - 0.01 * dv)
    np.testing.assert_allclose(u_after, u - 0.01 * du)


@pytest.mark.parametrize(
    ("dim", "negative", "window", "shrink"),
    [(1, 1, 1, False), (16, 5, 5, True), (100, 5, 5, True), (20, 12, 3, False), (33, 3, 20, True)],
)
def test_the_kernel_agrees_with_the_reference(dim, negative, window, shrink):
    words = 40
    random = np.random.default_rng(1)
    lengths = [1, 30, 0, 2, 200, 7]
    documents = [random.choice(words, n, p=_zipf(words)).astype(np.int32) for n in lengths]
    counts = np.bincount(np.concatenate(documents), minlength=words)
    state = State.initial(words, dim, seed=3)
    state.inputs[:, :dim] = random.normal(scale=0.3, size=(words, dim))
    state.outputs[:, :dim] = random.normal(scale=0.3, size=(words, dim))
    v, u = (m[:, :dim].astype(np.float64) for m in (state.inputs, state.outputs))
    keep = keep_thresholds(counts, 0.05)
    assert (keep < ALWAYS).any()
    thresholds, aliases = alias_table(counts**0.75)
    slope, stream = 1e-4, 12345678901234567890
    expected = reference_train(
        v, u, documents, keep.tolist(), thresholds.tolist(), aliases.tolist(),
        window=window, negative=negative, shrink=shrink, lr=0.05, slope=slope, stream=stream,
    )  # fmt: skip

    tokens = np.concatenate(documents)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    kernel = skipgram_kernel(state.inputs.shape[1], negative, -(-2 * window // 16) * 16)
    loss, pairs = kernel(
        state.inputs, state.outputs, tokens, offsets, 0, 0, len(tokens), keep, thresholds, aliases,
        window, shrink, 0.05, slope, np.uint64(stream),
    )  # fmt: skip

    assert pairs == expected[1]
    assert loss == pytest.approx(expected[0], rel=1e-5)
    np.testing.assert_allclose(state.inputs[:, :dim], v, atol=2e-5)
    np.testing.assert_allclose(state.outputs[:, :dim], u, atol=2e-5)
    assert not state.inputs[:, dim:].any()


def _zipf(n):
    weights = 1 / np.arange(1, n + 1)
    return weights / weights.sum()
