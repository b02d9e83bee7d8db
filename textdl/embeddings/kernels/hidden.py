"""One step of a model that predicts from a hidden vector: the mean or the sum of several rows.

The hidden vector h is s·Σ x over its rows x. It meets its output rows u in one go: h and every u
take a step down the gradient, and what h moved by is returned to the rows x.
"""

from __future__ import annotations

from numba import njit

from textdl.embeddings.kernels.blocks import errors, prefetch, scores, update


@njit(inline="always")
def append_parts(parts, word, rows, n):
    """Write a word's rows behind the first ``n`` and return how many rows there are then."""
    for i in range(parts.offsets[word], parts.offsets[word + 1]):
        rows[n] = parts.rows[i]
        n += 1
    return n


@njit(inline="always")
def path_of(tree, word, weight, rows, targets):
    """Write a word's path into ``rows`` and ``targets`` and return how long it is."""
    begin = tree.offsets[word]
    n = tree.offsets[word + 1] - begin
    for i in range(n):
        rows[i] = tree.nodes[begin + i]
        targets[i] = weight * tree.targets[begin + i]
    return n


@njit(inline="always")
def meet(outputs, rows, n, targets, rate, hidden, only, steps, stride, dim):
    """The hidden vector and ``n`` output rows take a step; returns the loss.

    Args:
        hidden: float32 ``[1, dim]``.
        only: int32 ``[1]``, zero: the hidden vector's row in ``hidden``.
        targets, steps: float32 with room for the next multiple of 16 after ``n``.
    """
    scores(outputs, hidden, rows, n, only, steps, 1, stride, dim)
    loss = errors(steps, n, targets, rate, 1, stride)
    update(outputs, hidden, rows, n, only, steps, 1, stride, dim)
    return loss


@njit(inline="always")
def prefetch_rows(matrix, rows, n, dim):
    """Have rows under way to the cache."""
    for i in range(n):
        prefetch(matrix, rows[i], dim)
