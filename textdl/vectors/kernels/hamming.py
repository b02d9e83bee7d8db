"""Signatures, bits in uint64, compared by how many of them differ."""

from __future__ import annotations

import numpy as np
from numba import njit
from numba.extending import intrinsic


@intrinsic
def _ones(context, number):
    """How many bits of a uint64 are set."""

    def generate(_context, builder, _signature, arguments):
        return builder.ctpop(arguments[0])

    return number(number), generate


@njit(nogil=True, cache=True)
def nearest_signatures(signatures, query, nearest):
    """Find the signatures that differ from ``query`` in the fewest bits; of those that differ in as
    many, the first.

    Args:
        signatures: uint64 ``[n, words]``.
        query: uint64 ``[words]``.
        nearest: int64 ``[top]``, ``top <= n``; filled with their rows, in ascending order.
    """
    n, words = signatures.shape
    distances = np.empty(n, np.uint16)
    counts = np.zeros(64 * words + 1, np.int64)
    for row in range(n):
        distance = np.uint64(0)
        for word in range(words):
            distance += _ones(signatures[row, word] ^ query[word])
        distances[row] = distance
        counts[distance] += 1
    left, edge = len(nearest), 0
    while left > counts[edge]:
        left -= counts[edge]
        edge += 1
    found = 0
    for row in range(n):
        if distances[row] < edge or (distances[row] == edge and left > 0):
            left -= distances[row] == edge
            nearest[found] = row
            found += 1
