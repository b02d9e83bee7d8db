"""Which rows are best: by cosine, or any other score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.threads import Threads

if TYPE_CHECKING:
    from textdl.vectors.vectors import Vectors

Score = Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]
"""From rows ``[n, dim]`` and one over their lengths ``[n]`` to scores ``[queries, n]``."""

Found = tuple[NDArray[np.int64], NDArray[np.float32]]
"""Rows int64 ``[queries, top]``, the best first and -1 where there are no more, and scores."""

_SCORES = 1 << 21  # at a time: 8 MB, which the processor's cache holds
_QUERIES = 512  # at a time
_STRIP = 64
_COMPILED = 1 << 24  # fewer scores are gone through without Numba
_LIMITED = Lock()  # or of two calls the later one would restore the limit of the earlier


def nearest(
    vectors: Vectors,
    queries: NDArray[np.float32],
    top: int,
    *,
    skip: Sequence[Sequence[int]] = (),
    among: NDArray[np.int64] | None = None,
) -> Found:
    """The rows with the highest cosines.

    Args:
        queries: float32 ``[queries, dim]``, unit vectors.
        skip: rows that are not meant, for each query.
        among: only these rows, ascending; default all.
    """

    check_top(top)

    def answered(part: slice) -> Found:
        asked = queries[part]

        def cosines(rows: NDArray[np.float32], inverse: NDArray[np.float32]) -> NDArray[np.float32]:
            if len(asked) > 1:
                return np.asarray(asked @ (rows * inverse[:, None]).T)
            scores: NDArray[np.float32] = rows @ asked[0]
            scores *= inverse
            return scores[None]

        return best(vectors, len(asked), top, cosines, skip=skip[part], among=among)

    if len(queries) <= _QUERIES:
        return answered(slice(None))
    from threadpoolctl import threadpool_limits

    groups = np.linspace(0, len(queries), -(-len(queries) // _QUERIES) + 1, dtype=int)
    parts = [slice(*pair) for pair in pairwise(groups.tolist())]
    # A thread works on a product of its own: between the steps of a common one, the threads of a
    # BLAS wait for each other in a loop, which keeps the cores from going through the scores.
    with _LIMITED, threadpool_limits(1, "blas"), Threads(None) as threads:
        found = [answer for _, answer in threads.map(answered, parts)]
    return np.concatenate([rows for rows, _ in found]), np.concatenate([s for _, s in found])


def best(
    vectors: Vectors,
    queries: int,
    top: int,
    score: Score,
    *,
    skip: Sequence[Sequence[int]] = (),
    among: NDArray[np.int64] | None = None,
) -> Found:
    """The rows with the highest scores, of equal ones the first.

    Args:
        score: gives ``queries`` lines of scores.
    """
    n = len(vectors) if among is None else len(among)
    more = max(map(len, skip), default=0)
    keep = min(top + more, n)
    rows = np.full((queries, keep), -1, np.int64)
    scores = np.full((queries, keep), -np.inf, np.float32)
    if keep and queries:
        merge = _merge
        if queries > 1 and queries * n >= _COMPILED:
            from textdl.vectors.kernels.best import keep_best as merge
        block = n if queries == 1 else max(1, min(_SCORES // queries, 1 << 16))
        if vectors.stored.dtype != np.float32:
            block = min(block, 1 << 14)
        for start in range(0, n, block):
            part = slice(start, start + block) if among is None else among[start : start + block]
            merge(score(vectors.rows(part), vectors.inverse_norms[part]), start, rows, scores)
    if among is not None:
        rows = np.where(rows >= 0, among[rows], -1)
    return _without(rows, scores, skip, top)


def _merge(
    new: NDArray[np.float32], start: int, rows: NDArray[np.int64], best: NDArray[np.float32]
) -> None:
    top = rows.shape[1]
    for query, line in enumerate(new):
        places = top_indices(line, top)
        scores = np.concatenate([best[query], line[places]])
        order = np.argsort(-scores, kind="stable")[:top]
        rows[query] = np.concatenate([rows[query], places + start])[order]
        best[query] = scores[order]


def _without(
    rows: NDArray[np.int64], scores: NDArray[np.float32], skip: Sequence[Sequence[int]], top: int
) -> Found:
    if not any(map(len, skip)):
        return rows[:, :top], scores[:, :top]
    kept = np.full((len(rows), min(top, rows.shape[1])), -1, np.int64)
    values = np.full(kept.shape, -np.inf, np.float32)
    for i, left_out in enumerate(skip):
        stay = np.flatnonzero(~np.isin(rows[i], left_out))[:top]
        kept[i, : len(stay)], values[i, : len(stay)] = rows[i, stay], scores[i, stay]
    return kept, values


def check_top(top: int) -> None:
    """Raise an InputError if so many words can't be asked for."""
    if isinstance(top, bool) or not isinstance(top, int | np.integer) or top < 1:
        raise InputError(f"top is {top!r}: ask for a whole number of words, 1 or more")


def top_indices(scores: NDArray[np.float32], top: int) -> NDArray[np.int64]:
    """Where the ``top`` highest scores are, highest first, of equal ones the first first."""
    top = min(top, len(scores))
    if top <= 0:
        return np.zeros(0, np.int64)
    # There are ``top`` scores not below the ``top``-th highest peak, so all that count are among
    # those: far fewer to sort. Ties with the last place are kept, to be cut by position.
    edge = np.float32(-np.inf)
    strips = len(scores) // _STRIP
    if strips >= top:
        peaks = scores[: strips * _STRIP].reshape(strips, _STRIP).max(axis=1)
        edge = np.partition(peaks, strips - top)[strips - top]
    found = np.flatnonzero(scores >= edge)
    if len(found) > 4 * top:
        edge = np.partition(scores[found], len(found) - top)[len(found) - top]
        found = found[scores[found] >= edge]
    return found[np.argsort(-scores[found], kind="stable")][:top]
