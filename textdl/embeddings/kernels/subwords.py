"""Skip-gram of words made of parts, with negative sampling, over a stretch of a corpus."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import njit

from textdl.embeddings.kernels.blocks import gather, give_back
from textdl.embeddings.kernels.hidden import (
    append_parts,
    meet,
    prefetch_rows,
)
from textdl.embeddings.kernels.random import GOLDEN, mix
from textdl.embeddings.kernels.windows import (
    draw_noise,
    reach_of_window,
    subsample,
    words_around,
)


@cache
def subword_kernel(dim: int) -> Callable[..., Any]:
    """The kernel compiled for rows of ``dim`` floats, a multiple of 16."""

    @njit(nogil=True, cache=True)
    def train(
        inputs, outputs, stretch, windows, negative, samples, noise, parts, normalized
    ):  # fmt: skip
        """One pass over a stretch: every kept word predicts the words around it.

        The word's vector, the mean of its parts, is made once and meets the words around it and
        ``samples`` negative samples, which those share. Each stands for ``negative / samples`` of
        every word around that it is not.

        Args:
            inputs: float32 ``[parts, dim]``, changed in place.
            outputs: float32 ``[words, dim]``, changed in place.
            normalized: every part of a mean of n gets its gradient, 1/n of the word's; else all of
                that.

        Returns:
            the summed loss, and over how many pairs of a word and a context word.
        """
        tokens, offsets, start, stop = (
            stretch.tokens, stretch.offsets, stretch.start, stretch.stop,
        )  # fmt: skip
        window = windows.window
        kept = np.empty(stop - start + 2 * window, np.int32)
        rows = np.empty((2, parts.most), np.int32)
        columns = -(-(2 * window + samples) // 16) * 16
        output_rows = np.empty((2, columns), np.int32)
        targets, steps = np.zeros(columns, np.float32), np.zeros(columns, np.float32)
        hidden, before = np.empty((1, dim), np.float32), np.empty(dim, np.float32)
        only = np.zeros(1, np.int32)
        share_of_sample = np.float32(negative) / np.float32(samples)
        sizes, arounds = np.zeros(2, np.int64), np.zeros(2, np.int64)
        random = mix(stretch.stream ^ mix(np.uint64(start) + GOLDEN))
        loss, pairs = 0.0, 0
        position, document = start, stretch.document
        while position < stop:
            while offsets[document + 1] <= position:
                document += 1
            end = min(stop, offsets[document + 1])
            first, last, n = subsample(
                tokens, position, end, offsets[document], offsets[document + 1],
                windows.keep, stretch.stream, window, kept,
            )  # fmt: skip
            rate = np.float32(stretch.lr - stretch.slope * (position - start))
            for center in range(first - 1 if last > first else last, last):
                if center + 1 < last:
                    # One word ahead, so that the rows are on their way.
                    now, ahead = center & 1, (center + 1) & 1
                    sizes[ahead] = append_parts(parts, kept[center + 1], rows[ahead], 0)
                    prefetch_rows(inputs, rows[ahead], sizes[ahead], dim)
                    reach, random = reach_of_window(windows, random)
                    coming = output_rows[ahead]
                    around = words_around(kept, center + 1, reach, n, coming)
                    random, fresh = draw_noise(
                        noise, random, center + 1 - first, output_rows[now], arounds[now],
                        coming, around, samples,
                    )  # fmt: skip
                    arounds[ahead] = around
                    prefetch_rows(outputs, coming, around + samples if fresh else around, dim)
                if center < first:
                    continue
                now = center & 1
                around, m, predicted = arounds[now], sizes[now], output_rows[now]
                if around == 0:
                    continue
                weight = windows.weights[kept[center]]
                for i in range(around):
                    targets[i] = weight
                for k in range(around, around + samples):
                    others = np.float32(around)
                    for i in range(around):
                        if predicted[i] == predicted[k]:
                            others -= np.float32(1)
                    targets[k] = -weight * others * share_of_sample
                share = np.float32(1) / np.float32(m)
                gather(inputs, rows[now], m, share, hidden, before, dim)
                loss += meet(
                    outputs, predicted, around + samples, targets, rate, hidden, only, steps, 64,
                    dim,
                )  # fmt: skip
                back = share if normalized else np.float32(1)
                give_back(inputs, rows[now], m, back, hidden, before, dim)
                pairs += around
            position = end
        return loss, pairs

    return train
