"""Skip-gram with hierarchical softmax over a stretch of a corpus."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import njit

from textdl.embeddings.kernels.hidden import meet, path_of
from textdl.embeddings.kernels.random import GOLDEN, mix
from textdl.embeddings.kernels.windows import reach_of_window, subsample, words_around


@cache
def softmax_kernel(dim: int) -> Callable[..., Any]:
    """The kernel compiled for rows of ``dim`` floats, a multiple of 16."""

    @njit(nogil=True, cache=True)
    def train(inputs, outputs, stretch, windows, tree):
        """One pass over a stretch: every kept word's path is predicted from each word around it.

        Args:
            inputs: float32 ``[words, dim]``, changed in place.
            outputs: float32 ``[inner nodes, dim]``, changed in place.

        Returns:
            the summed loss, and over how many pairs of a word and a context word.
        """
        tokens, offsets, start, stop = (
            stretch.tokens, stretch.offsets, stretch.start, stretch.stop,
        )  # fmt: skip
        kept = np.empty(stop - start + 2 * windows.window, np.int32)
        contexts = np.empty(2 * windows.window, np.int32)
        path = np.zeros(64, np.int32)
        targets, steps = np.zeros(64, np.float32), np.zeros(64, np.float32)
        random = mix(stretch.stream ^ mix(np.uint64(start) + GOLDEN))
        loss, pairs = 0.0, 0
        position, document = start, stretch.document
        while position < stop:
            while offsets[document + 1] <= position:
                document += 1
            end = min(stop, offsets[document + 1])
            first, last, n = subsample(
                tokens, position, end, offsets[document], offsets[document + 1],
                windows.keep, stretch.stream, windows.window, kept,
            )  # fmt: skip
            rate = np.float32(stretch.lr - stretch.slope * (position - start))
            for center in range(first, last):
                reach, random = reach_of_window(windows, random)
                around = words_around(kept, center, reach, n, contexts)
                word = kept[center]
                length = path_of(tree, word, windows.weights[word], path, targets)
                for i in range(around):
                    context = contexts[i : i + 1]
                    loss += meet(
                        outputs, path, length, targets, rate, inputs, context, steps, 64, dim
                    )
                pairs += around
            position = end
        return loss, pairs

    return train
