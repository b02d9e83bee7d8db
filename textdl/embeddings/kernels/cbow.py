"""CBOW over a stretch of a corpus, with negative sampling or hierarchical softmax."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import njit

from textdl.embeddings.kernels.blocks import gather, give_back, prefetch
from textdl.embeddings.kernels.hidden import append_parts, meet, path_of
from textdl.embeddings.kernels.random import GOLDEN, mix
from textdl.embeddings.kernels.windows import (
    draw_noise,
    reach_of_window,
    subsample,
    words_around,
)


@cache
def cbow_kernel(dim: int, subwords: bool, softmax: bool) -> Callable[..., Any]:
    """The kernel compiled for rows of ``dim`` floats, a multiple of 16; with ``subwords``, words
    are made of parts; with ``softmax``, words are leaves of a tree instead of being told from
    noise."""

    @njit(nogil=True, cache=True)
    def train(inputs, outputs, stretch, windows, negative, noise, tree, parts, mean, normalized):
        """One pass over a stretch: every kept word is predicted from all words around it.

        Args:
            inputs, outputs: float32 ``[rows, dim]``, changed in place.
            mean: the hidden vector is the mean of its rows, else their sum.
            normalized: every row of a mean of n gets its gradient, 1/n of the hidden vector's;
                else all of that.

        Returns:
            the summed loss, and over how many windows.
        """
        tokens, offsets, start, stop = (
            stretch.tokens, stretch.offsets, stretch.start, stretch.stop,
        )  # fmt: skip
        kept = np.empty(stop - start + 2 * windows.window, np.int32)
        contexts = np.empty(2 * windows.window, np.int32)
        rows = np.empty(2 * windows.window * parts.most, np.int32)
        columns = -(-max(negative + 1, 64) // 16) * 16
        output_rows = np.zeros((2, columns), np.int32)
        targets, steps = np.zeros(columns, np.float32), np.zeros(columns, np.float32)
        hidden, before = np.empty((1, dim), np.float32), np.empty(dim, np.float32)
        only = np.zeros(1, np.int32)
        random = mix(stretch.stream ^ mix(np.uint64(start) + GOLDEN))
        loss, count = 0.0, 0
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
                predicted, ahead = output_rows[center & 1], output_rows[(center + 1) & 1]
                if not softmax:
                    # One word ahead, so that the rows are on their way.
                    ahead[0] = kept[min(center + 1, last - 1)]
                    random, fresh = draw_noise(
                        noise, random, center + 1 - first, predicted, 1, ahead, 1, negative
                    )
                    for k in range(negative + 1 if fresh else 1):
                        prefetch(outputs, ahead[k], dim)
                if not subwords:
                    prefetch(inputs, kept[min(center + windows.window + 2, n - 1)], dim)
                if center < first:
                    continue
                reach, random = reach_of_window(windows, random)
                around = words_around(kept, center, reach, n, contexts)
                if around == 0:
                    continue
                m = 0
                if subwords:
                    for i in range(around):
                        m = append_parts(parts, contexts[i], rows, m)
                else:
                    m = around
                    rows[:m] = contexts[:m]
                word = kept[center]
                weight = windows.weights[word]
                if softmax:
                    outs = path_of(tree, word, weight, predicted, targets)
                else:
                    outs = negative + 1
                    targets[0] = weight
                    for k in range(1, outs):
                        targets[k] = -weight if predicted[k] != word else np.float32(0)
                share = np.float32(1) / np.float32(m)
                gather(inputs, rows, m, share if mean else np.float32(1), hidden, before, dim)
                loss += meet(outputs, predicted, outs, targets, rate, hidden, only, steps, 64, dim)
                back = share if mean and normalized else np.float32(1)
                give_back(inputs, rows, m, back, hidden, before, dim)
                count += 1
            position = end
        return loss, count

    return train
