"""Counting what is nearer to an analogy's target than its answer."""

from __future__ import annotations

import numpy as np
from numba import njit

_STRIP = 512  # rows at a time: the cosines of a section's words with them stay in the cache


@njit(nogil=True, cache=True)
def count_better(
    cosines, given, units, block, first_row, own, bounds, limits, limit_rows, margins,
    shift, tie, top, better, begin, end,
):  # fmt: skip
    """Count, for each question, the rows of a block that score higher than its answer.

    Whole strips of rows are compared in float32, which is exact to less than a margin; only a row
    that comes so close to the limit is scored again in float64.

    Args:
        cosines: float32 ``[words, rows]``, of all given words with the block's rows.
        given: int64 ``[questions, 3]``, which of the words are a, b and c.
        units: float32 ``[words, dim]``, the given words' unit vectors.
        block: float32 ``[rows, dim]``, the block's unit vectors, the first of them that of
            ``first_row``.
        own: int64, ``own[bounds[q]:bounds[q + 1]]`` are rows that never count for question q.
        limits: float64 ``[questions]``, the answers' scores.
        limit_rows: int64 ``[questions]``, the answers' rows.
        margins: float64 ``[questions]``.
        shift: 2 epsilon of 3CosMul; negative for 3CosAdd.
        tie: scores that differ by less are equal, and that of the first row counts as higher.
        top: a question for which so many were found is left.
        better: int64 ``[questions]``, the counts, added to.
        begin, end: the questions.
    """
    shift32, rows = np.float32(shift), cosines.shape[1]
    for start in range(0, rows, _STRIP):
        stop = min(start + _STRIP, rows)
        for q in range(begin, end):
            if better[q] >= top:
                continue
            a = cosines[given[q, 0], start:stop]
            b = cosines[given[q, 1], start:stop]
            c = cosines[given[q, 2], start:stop]
            near = np.float32(limits[q] - margins[q])
            if not (
                _count_sums(a, b, c, near) if shift < 0 else _count_products(a, b, c, shift32, near)
            ):
                continue
            for i in range(stop - start):
                row = first_row + start + i
                if _score(a[i], b[i], c[i], shift) < near or _holds(
                    own, bounds[q], bounds[q + 1], row
                ):
                    continue
                unit = block[start + i]
                score = _score(
                    _cosine(units[given[q, 0]], unit),
                    _cosine(units[given[q, 1]], unit),
                    _cosine(units[given[q, 2]], unit),
                    shift,
                )
                if score > limits[q] + tie or (score >= limits[q] - tie and row < limit_rows[q]):
                    better[q] += 1
                    if better[q] >= top:
                        break


# Counts as wide as the scores are vectorised as they are; a maximum would not be.
@njit
def _count_sums(a, b, c, near):
    count = np.int32(0)
    for i in range(len(a)):
        count = np.int32(count + np.int32(b[i] - a[i] + c[i] >= near))
    return count


@njit
def _count_products(a, b, c, shift, near):
    count, one = np.int32(0), np.float32(1)
    for i in range(len(a)):
        is_near = (one + b[i]) * (one + c[i]) >= near * (one + shift + a[i])
        count = np.int32(count + np.int32(is_near))
    return count


@njit
def _score(a, b, c, shift):
    if shift < 0:
        return b - a + c
    return (1.0 + b) * (1.0 + c) / (1.0 + shift + a)


@njit
def _cosine(x, y):
    total = 0.0
    for i in range(len(x)):
        total += np.float64(x[i]) * np.float64(y[i])
    return total


@njit
def _holds(rows, begin, end, row):
    for i in range(begin, end):  # noqa: SIM110 (Numba compiles no generator)
        if rows[i] == row:
            return True
    return False
