"""What the kernels that read text have in common: subsampling, windows, draws, targets."""

from __future__ import annotations

import numpy as np
from numba import njit

from textdl.embeddings.kernels.random import GOLDEN, below, draw, high, mix


@njit(nogil=True, cache=True)
def subsample(tokens, start, stop, begin, end, keep, stream, window, kept):
    """The words of ``tokens[start:stop]`` that subsampling keeps, with up to ``window`` of the kept
    ones on either side within the document ``tokens[begin:end]``.

    Whether the word at a position stays is a function of the position, so a document that is cut
    into stretches has the windows it would have in one piece.

    Returns:
        how many words precede ``tokens[start]`` in ``kept``, where those of the stretch end, and
        how many there are.
    """
    before = 0
    i = start - 1
    while i >= begin and before < window:
        if high(mix(stream + np.uint64(i) * GOLDEN)) < keep[tokens[i]]:
            kept[before] = tokens[i]
            before += 1
        i -= 1
    kept[:before] = kept[:before][::-1].copy()
    n = before
    for i in range(start, stop):
        if high(mix(stream + np.uint64(i) * GOLDEN)) < keep[tokens[i]]:
            kept[n] = tokens[i]
            n += 1
    inside = n
    i = stop
    while i < end and n < inside + window:
        if high(mix(stream + np.uint64(i) * GOLDEN)) < keep[tokens[i]]:
            kept[n] = tokens[i]
            n += 1
        i += 1
    return before, inside, n


@njit(inline="always")
def reach_of_window(windows, random):
    """How many words to a side this window has, and the random state after the draw."""
    reach = windows.window
    if windows.shrink:
        random += GOLDEN
        reach -= np.int64(below(mix(random), np.uint64(windows.window)))
    return reach, random


@njit(inline="always")
def words_around(kept, center, reach, n, rows):
    """Write the words around ``kept[center]`` into ``rows`` and return how many they are."""
    count = 0
    for i in range(max(center - reach, 0), min(center + reach + 1, n)):
        if i != center:
            rows[count] = kept[i]
            count += 1
    return count


@njit(inline="always")
def draw_noise(noise, random, place, before, first_before, rows, first, negative):
    """The negative samples of the window at a place: new ones at every ``noise.shared``-th, else
    those of the window before, ``before[first_before:]``. They are written to ``rows[first:]``.

    Returns:
        the random state after the draws, and whether there were any.
    """
    fresh = place % noise.shared == 0
    for k in range(negative):
        if fresh:
            random += GOLDEN
            rows[first + k] = draw(mix(random), noise.thresholds, noise.aliases)
        else:
            rows[first + k] = before[first_before + k]
    return random, fresh
