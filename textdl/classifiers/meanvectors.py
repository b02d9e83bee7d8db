"""A linear layer over the mean of the vectors of words and n-grams."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from textdl.classifiers.networks import Network
from textdl.classifiers.ngrams import batch_ngrams, hashed_rows


class MeanVectors(Network):
    """fastText's classifier (Joulin et al. 2017, "Bag of Tricks for Efficient Text
    Classification"): the mean over a document's words and longer n-grams, of which several share a
    vector where their hashes meet; then linear.

    Args:
        words: size of the vocabulary; id 0 is padding.
        dim: length of a vector.
        classes: how many labels there are.
        longest: words in the longest n-grams.
        buckets: how many vectors the n-grams of two words or more share; 0 if there are none.
    """

    kind: ClassVar[str] = "meanvectors"

    def __init__(self, *, words: int, dim: int, classes: int, longest: int, buckets: int) -> None:
        super().__init__()
        self.settings: dict[str, Any] = {
            "words": words,
            "dim": dim,
            "classes": classes,
            "longest": longest,
            "buckets": buckets,
        }
        self.longest = longest
        self.rows = hashed_rows(words, buckets)
        self.table = nn.Parameter(torch.zeros(words + buckets, dim))
        self.weights = nn.Parameter(torch.zeros(classes, dim))
        self.bias = nn.Parameter(torch.zeros(classes))

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        rows, documents = batch_ngrams(ids, lengths, self.longest, self.rows)
        starts = torch.searchsorted(documents, torch.arange(len(ids), device=ids.device))
        means = functional.embedding_bag(rows, self.table, starts, mode="mean")
        return functional.linear(means, self.weights, self.bias)
