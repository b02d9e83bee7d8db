"""What is drawn at random: which frequent words are skipped, and which words are negative samples.

Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their Compositionality".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ALWAYS = 1 << 32


class Windows(NamedTuple):
    """How windows are cut: ``window`` words to a side, with ``shrink`` a draw from 1 to so many.
    For every word, how likely it stays (``keep``, uint64 in units of 2⁻³²) and how much it counts
    (``weights``, float32)."""

    window: int
    shrink: bool
    keep: NDArray[np.uint64]
    weights: NDArray[np.float32]


class Noise(NamedTuple):
    """An alias table that negative samples are drawn from, see :func:`alias_table`, and how many
    windows in a row share what is drawn."""

    thresholds: NDArray[np.uint64]
    aliases: NDArray[np.int32]
    shared: int = 1


def noise(counts: NDArray[np.int64], exponent: float, shared: int = 1) -> Noise:
    """Words in proportion to their count to the power ``exponent``; those that never occur are not
    drawn."""
    occurring = counts > 0
    weights = np.power(counts, exponent, where=occurring, out=np.zeros(len(counts)))
    return Noise(*alias_table(weights), shared)


def keep_thresholds(counts: NDArray[np.int64], sample: float) -> NDArray[np.uint64]:
    """How likely each word is kept, in units of 2⁻³²: uint64 ``[words]``.

    A word of relative frequency f is kept with probability (√(f/t) + 1)·t/f, t = ``sample``, as
    word2vec.c and gensim do it (section 2.3 of the paper gives √(t/f)). ``sample`` 0 keeps all.
    """
    if sample == 0:
        return np.where(counts > 0, ALWAYS, 0).astype(np.uint64)
    frequent = counts / (sample * counts.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        probability = (np.sqrt(frequent) + 1) / frequent
    probability = np.where(counts > 0, np.minimum(probability, 1), 0)
    return (probability * ALWAYS).astype(np.uint64)


def alias_table(weights: NDArray[np.float64]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """A table to draw from a discrete distribution with one random number (Walker 1977, "An
    Efficient Method for Generating Discrete Random Variables"; Vose 1991).

    Draw a row i evenly and 32 random bits: the result is i if the bits are less than
    ``thresholds[i]``, else ``aliases[i]``.

    Returns:
        thresholds uint64 ``[n]`` and aliases int32 ``[n]``.
    """
    n = len(weights)
    shares = weights * (n / weights.sum())
    small = np.flatnonzero(shares < 1).tolist()
    large = np.flatnonzero(shares >= 1).tolist()
    share, aliases = shares.tolist(), list(range(n))  # lists, for they are quicker one by one
    while small and large:
        poor, rich = small.pop(), large[-1]
        aliases[poor] = rich
        share[rich] -= 1 - share[poor]
        if share[rich] < 1:
            small.append(large.pop())
    return np.minimum(np.array(share) * ALWAYS, ALWAYS).astype(np.uint64), np.array(
        aliases, np.int32
    )
