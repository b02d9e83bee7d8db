"""The word vectors inside a network."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import torch
from torch import Tensor, nn
from torch.nn import functional

from textdl.text.vocab import PAD


class Channels(nn.ModuleList):
    """One table of word vectors or several, whose sum is what the network sees. The vector of
    padding is 0 and stays so.

    Args:
        words: size of the vocabulary.
        dim: length of a word vector.
        frozen: for each table whether it stays as it is.
    """

    def __init__(self, words: int, dim: int, frozen: Sequence[bool]) -> None:
        super().__init__(
            nn.Embedding(words, dim, padding_idx=PAD, sparse=True).requires_grad_(not still)
            for still in frozen
        )

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """The vectors of the distinct words of a batch, float32 ``[n, dim]``, and which of them
        belongs to each of its ids, int64 ``[batch, longest]``.

        A batch has many times more tokens than distinct words: what can be made of the vectors
        before they are looked up costs little.
        """
        words, places = torch.unique(ids, return_inverse=True)
        return reduce(torch.add, (table(words) for table in self)), places

    def look_up(self, ids: Tensor) -> Tensor:
        """The vectors of a batch, float32 ``[batch, longest, dim]``. If all its documents are empty
        there is one column, of zeros: torch's recurrent networks take no less."""
        vectors, places = self(ids if ids.shape[1] else functional.pad(ids, (0, 1)))
        return functional.embedding(places, vectors)
