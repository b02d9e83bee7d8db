"""A linear layer over the words that a document contains."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from textdl.classifiers.networks import Network


class TfIdf(Network):
    """Tf-idf, then a linear layer. A word that occurs n times in a document weighs
    (1 + ln n) · idf, and the weights of a document have Euclidean length 1 (Salton & Buckley 1988,
    "Term-weighting approaches in automatic text retrieval").

    Args:
        words: size of the vocabulary; id 0 is padding, whose idf is 0.
        classes: how many labels there are.
    """

    kind: ClassVar[str] = "tfidf"

    def __init__(self, *, words: int, classes: int) -> None:
        super().__init__()
        self.settings: dict[str, Any] = {"words": words, "classes": classes}
        self.idf = nn.Parameter(torch.zeros(words), requires_grad=False)
        self.weights = nn.Parameter(torch.zeros(words, classes), requires_grad=False)
        self.bias = nn.Parameter(torch.zeros(classes), requires_grad=False)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        rows = torch.arange(len(ids), device=ids.device)
        padded = functional.pad(ids, (0, 1))  # Every row has an id, be it padding.
        pairs = rows[:, None] * len(self.idf) + padded
        found, counts = torch.unique(pairs, return_counts=True)
        row, word = found // len(self.idf), found % len(self.idf)
        weights = (1 + counts.log()) * self.idf[word]
        squares = weights.new_zeros(len(ids)).index_add(0, row, weights.square())
        sums = functional.embedding_bag(
            word,
            self.weights,
            torch.searchsorted(row, rows),
            mode="sum",
            per_sample_weights=weights,
        )
        logits: Tensor = sums / squares.sqrt().clamp_min(1e-12)[:, None] + self.bias
        return logits
