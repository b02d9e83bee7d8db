"""Padded ids."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

WORDS = 40


def make_ids(lengths: Sequence[int], extra: int = 0, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Documents of random words, with ``extra`` columns of padding."""
    random = np.random.default_rng(seed)
    ids = np.zeros((len(lengths), max(lengths) + extra), np.int64)
    for line, length in zip(ids, lengths, strict=True):
        line[:length] = random.integers(1, WORDS, length)
    return torch.from_numpy(ids), torch.tensor(lengths)
