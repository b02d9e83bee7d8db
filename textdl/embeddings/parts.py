"""Words as several rows of a matrix: their own and those of their character n-grams."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Parts(NamedTuple):
    """The rows that a word is the mean of: those of word w are ``rows[offsets[w]:offsets[w + 1]]``
    (int32, int64); no word has more than ``most``."""

    rows: NDArray[np.int32]
    offsets: NDArray[np.int64]
    most: int


ONE_PART = Parts(np.zeros(0, np.int32), np.zeros(1, np.int64), 1)
"""For words that are a row each."""
