"""The highest scores of long rows."""

from __future__ import annotations

import numpy as np
from numba import njit

_STEP = 64


@njit(nogil=True, cache=True, fastmath={"nnan", "nsz", "reassoc"})
def keep_best(scores, scale, first, rows, best):
    """Put the scores that belong there among the best so far.

    Args:
        scores: float32 ``[queries, n]``, of the rows from ``first`` on.
        scale: float32 ``[n]``, which they are multiplied with.
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
                peak = max(peak, line[j] * scale[j])
            if not peak > highest[top - 1]:
                continue
            for j in range(begin, end):
                score = line[j] * scale[j]
                if score > highest[top - 1]:
                    place = top - 1
                    while place > 0 and highest[place - 1] < score:
                        highest[place], found[place] = highest[place - 1], found[place - 1]
                        place -= 1
                    highest[place], found[place] = score, first + j


@njit(nogil=True, cache=True, fastmath={"nnan", "nsz", "reassoc", "contract"})
def scan_compact(codes, scales, errors, query, scores, floor):
    """Bounds of the cosines of rows of which only a compact copy is looked at.

    Args:
        codes: int8 ``[n, dim]``; ``scales[i] * codes[i]`` is nearly the unit vector of row i.
        scales: float32 ``[n]``.
        errors: float32 ``[n]``, how long the difference between the two is at most.
        query: float32 ``[dim]``, a unit vector.
        scores: float32 ``[n]``, filled with the cosines with the compact rows.
        floor: float32 ``[top]``, the highest lower bounds so far, the highest first; changed.
    """
    dim, last = codes.shape[1], len(floor) - 1
    for row in range(len(codes)):
        total = np.float32(0)
        line = codes[row]
        for k in range(dim):
            total += np.float32(line[k]) * query[k]
        total *= scales[row]
        scores[row] = total
        low = total - errors[row]
        if low > floor[last]:
            place = last
            while place > 0 and floor[place - 1] < low:
                floor[place] = floor[place - 1]
                place -= 1
            floor[place] = low
