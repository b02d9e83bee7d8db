"""The highest scores of long rows."""

from __future__ import annotations

import numpy as np
from numba import njit

from textdl.vectors.kernels.products import product

_STEP = 64


@njit(nogil=True, cache=True, fastmath={"nnan", "nsz", "reassoc"})
def keep_best(scores, first, rows, best):
    """Put the scores that belong there among the best so far.

    Args:
        scores: float32 ``[queries, n]``, of the rows from ``first`` on.
        rows: int64 ``[queries, top]``, which rows the best are, changed in place.
        best: float32 ``[queries, top]``, their scores, the highest first, changed in place.
    """
    n, top = scores.shape[1], rows.shape[1]
    for query in range(len(scores)):
        line, found, highest = scores[query], rows[query], best[query]
        for begin in range(0, n, _STEP):
            end = min(begin + _STEP, n)
            peak = np.float32(-np.inf)
            for j in range(begin, end):
                peak = max(peak, line[j])
            if not peak > highest[top - 1]:
                continue
            for j in range(begin, end):
                score = line[j]
                if score > highest[top - 1]:
                    place = top - 1
                    while place > 0 and highest[place - 1] < score:
                        highest[place], found[place] = highest[place - 1], found[place - 1]
                        place -= 1
                    highest[place], found[place] = score, first + j


@njit(nogil=True, cache=True)
def scan_compact(codes, scales, spread, first, query, dim, step, lost, upper, floor):
    """Bounds of the cosines of rows of which only a compact copy is looked at.

    Args:
        codes: int8 ``[n * dim + LANES]``, for :func:`~textdl.vectors.kernels.products.product`;
            ``scales[i]`` times the ``dim`` numbers of row i is nearly its unit vector.
        scales: float32 ``[n]``.
        spread: float32; rounding row i changes a cosine by ``spread * scales[i]`` at most.
        first: the row that ``upper`` begins with.
        query: int16, zeros behind ``dim``; ``step * query[:dim]`` is nearly a unit vector.
        step: float32.
        lost: float32, by how much rounding the query changes a cosine at most.
        upper: float32 ``[rows]``, filled with upper bounds of the cosines.
        floor: float32 ``[top]``, the highest lower bounds so far, the highest first; changed.
    """
    last = len(floor) - 1
    for i in range(len(upper)):
        row = first + i
        score = np.float32(product(codes, row * dim, query, dim)) * step * scales[row]
        error = spread * scales[row] + lost
        upper[i] = score + error
        low = score - error
        if low > floor[last]:
            place = last
            while place > 0 and floor[place - 1] < low:
                floor[place] = floor[place - 1]
                place -= 1
            floor[place] = low
