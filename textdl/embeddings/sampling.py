"""What is drawn at random: which frequent words are skipped, and which words are negative samples.

Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their Compositionality".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ALWAYS = 1 << 32


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
    share = weights * (n / weights.sum())
    aliases = np.arange(n, dtype=np.int32)
    small = np.flatnonzero(share < 1).tolist()
    large = np.flatnonzero(share >= 1).tolist()
    while small and large:
        poor, rich = small.pop(), large[-1]
        aliases[poor] = rich
        share[rich] -= 1 - share[poor]
        if share[rich] < 1:
            small.append(large.pop())
    return np.minimum(share * ALWAYS, ALWAYS).astype(np.uint64), aliases
