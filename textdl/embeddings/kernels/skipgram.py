"""Skip-gram with negative sampling over a stretch of a corpus."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import njit

from textdl.embeddings.kernels.blocks import errors, prefetch, scores, update
from textdl.embeddings.kernels.random import GOLDEN, mix
from textdl.embeddings.kernels.windows import (
    draw_noise,
    reach_of_window,
    subsample,
    words_around,
)


@cache
def skipgram_kernel(dim: int, negative: int, stride: int) -> Callable[..., Any]:
    """The kernel compiled for rows of ``dim`` floats, so many negative samples and at most
    ``stride`` context words; ``dim`` and ``stride`` are multiples of 16."""
    outputs_per_step = negative + 1

    @njit(nogil=True, cache=True)
    def train(inputs, outputs, stretch, windows, noise):
        """One pass over a stretch.

        Every kept word is predicted from the words around it: the context words' rows of
        ``inputs`` against the word's row of ``outputs`` and those of the negative samples, which
        the context words of one window share. A negative sample that happens to be the word counts
        nothing.

        Args:
            inputs, outputs: float32 ``[words, dim]``, changed in place.

        Returns:
            the summed loss, and over how many pairs of a word and a context word.
        """
        tokens, offsets, start, stop = (
            stretch.tokens, stretch.offsets, stretch.start, stretch.stop,
        )  # fmt: skip
        kept = np.empty(stop - start + 2 * windows.window, np.int32)
        context_rows = np.empty(2 * windows.window, np.int32)
        steps = np.zeros((outputs_per_step, stride), np.float32)
        output_rows = np.empty((2, outputs_per_step), np.int32)
        targets = np.empty(outputs_per_step, np.float32)
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
            for center in range(first - 1 if last > first else last, last):
                # One word ahead, so that the rows are on their way while this word is computed.
                rows, ahead = output_rows[center & 1], output_rows[(center + 1) & 1]
                ahead[0] = kept[min(center + 1, last - 1)]
                random, fresh = draw_noise(
                    noise, random, center + 1 - first, rows, 1, ahead, 1, negative
                )
                for k in range(outputs_per_step if fresh else 1):
                    prefetch(outputs, ahead[k], dim)
                prefetch(inputs, kept[min(center + windows.window + 2, n - 1)], dim)
                if center < first:
                    continue
                reach, random = reach_of_window(windows, random)
                contexts = words_around(kept, center, reach, n, context_rows)
                weight = windows.weights[rows[0]]
                targets[0] = weight
                for k in range(1, outputs_per_step):
                    targets[k] = -weight if rows[k] != rows[0] else np.float32(0)
                scores(
                    inputs, outputs, context_rows, contexts, rows, steps,
                    outputs_per_step, stride, dim,
                )  # fmt: skip
                loss += errors(steps, contexts, targets, rate, outputs_per_step, stride)
                update(
                    inputs, outputs, context_rows, contexts, rows, steps,
                    outputs_per_step, stride, dim,
                )  # fmt: skip
                pairs += contexts
            position = end
        return loss, pairs

    return train
