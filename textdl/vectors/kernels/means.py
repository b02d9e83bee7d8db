"""Means of chosen rows."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def mean_rows(table, rows, offsets, own, means):
    """The mean over each word's rows of a table, added in float32 from first to last.

    Args:
        table: float32 ``[bucket, dim]``.
        rows: int32 ``[total]``, those of word ``i`` are ``rows[offsets[i]:offsets[i + 1]]``.
        offsets: int64 ``[words + 1]``.
        own: float32 ``[words, dim]``, one more row for each word, the first of it; or ``[0, dim]``.
        means: float32 ``[words, dim]``, filled.
    """
    dim = table.shape[1]
    for word in range(len(means)):
        total = means[word]
        count = offsets[word + 1] - offsets[word]
        if len(own):
            count += 1
            total[:] = own[word]
        else:
            total[:] = 0
        for i in range(offsets[word], offsets[word + 1]):
            row = table[rows[i]]
            for k in range(dim):
                total[k] += row[k]
        if count > 1:
            size = np.float32(count)
            for k in range(dim):
                total[k] /= size
