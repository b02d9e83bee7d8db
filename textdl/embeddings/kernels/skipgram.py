"""Skip-gram with negative sampling over a stretch of a corpus."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import njit

from textdl.embeddings.kernels.blocks import errors, prefetch, scores, update
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


@cache
def skipgram_kernel(dim: int, negative: int, stride: int) -> Callable[..., Any]:
    """The kernel compiled for rows of ``dim`` floats, so many negative samples and at most
    ``stride`` context words; ``dim`` and ``stride`` are multiples of 16."""
    outputs_per_step = negative + 1

    @njit(nogil=True, cache=True)
    def train(
        inputs,
        outputs,
        tokens,
        offsets,
        document,
        start,
        stop,
        keep,
        thresholds,
        aliases,
        window,
        shrink,
        lr,
        lr_slope,
        stream,
    ):
        """One pass over ``tokens[start:stop]``, which begins in ``document``.

        Every kept word is predicted from the words around it: the context words' rows of
        ``inputs`` against the word's row of ``outputs`` and those of the negative samples, which
        the context words of one window share.

        Args:
            inputs, outputs: float32 ``[words, dim]``, changed in place.
            keep: uint64 ``[words]``: a word stays if 32 random bits are less.
            thresholds, aliases: the alias table of the noise distribution.
            window: words to a side; with ``shrink`` a draw from 1 to so many.
            lr, lr_slope: the learning rate at ``start``, and what it loses per token.
            stream: what the random numbers are drawn from.

        Returns:
            the summed loss, and over how many pairs of a word and a context word.
        """
        kept = np.empty(stop - start + 2 * window, np.int32)
        context_rows = np.empty(2 * window, np.int32)
        steps = np.zeros((outputs_per_step, stride), np.float32)
        output_rows = np.empty((2, outputs_per_step), np.int32)
        random = mix(stream ^ mix(np.uint64(start) + GOLDEN))
        loss, pairs = 0.0, 0
        position = start
        while position < stop:
            while offsets[document + 1] <= position:
                document += 1
            end = min(stop, offsets[document + 1])
            first, last, n = subsample(
                tokens,
                position,
                end,
                offsets[document],
                offsets[document + 1],
                keep,
                stream,
                window,
                kept,
            )
            rate = np.float32(lr - lr_slope * (position - start))
            for center in range(first - 1 if last > first else last, last):
                # One word ahead, so that the rows are on their way while this word is computed.
                ahead = output_rows[(center + 1) & 1]
                ahead[0] = kept[min(center + 1, last - 1)]
                for k in range(1, outputs_per_step):
                    random += GOLDEN
                    ahead[k] = draw(mix(random), thresholds, aliases)
                for k in range(outputs_per_step):
                    prefetch(outputs, ahead[k], dim)
                if center < first:
                    continue
                reach = window
                if shrink:
                    random += GOLDEN
                    reach -= np.int64(below(mix(random), np.uint64(window)))
                contexts = 0
                for i in range(max(center - reach, 0), min(center + reach + 1, n)):
                    if i != center:
                        context_rows[contexts] = kept[i]
                        contexts += 1
                rows = output_rows[center & 1]
                scores(
                    inputs, outputs, context_rows, contexts, rows, steps,
                    outputs_per_step, stride, dim,
                )  # fmt: skip
                loss += errors(steps, contexts, rows, rate, outputs_per_step, stride)
                update(
                    inputs, outputs, context_rows, contexts, rows, steps,
                    outputs_per_step, stride, dim,
                )  # fmt: skip
                pairs += contexts
            position = end
        return loss, pairs

    return train
