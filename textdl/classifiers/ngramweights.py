"""A linear layer over the word n-grams that a document contains."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from textdl.classifiers.networks import Network
from textdl.classifiers.ngrams import batch_ngrams, ngram_hashes


class NgramWeights(Network):
    """The sum of the weights of a document's n-grams, each counted once however often it occurs.

    Args:
        words: size of the vocabulary; id 0 is padding.
        classes: how many labels there are. Of two the second one's score is a logit; of more each
            has one against the rest, and their probabilities are scaled to a sum of 1 unless a
            document may have ``several``.
        longest: words in the longest n-grams.
        ngrams: how many n-grams have weights; others are left out.
        normalized: the sum is divided by the root of the sum of the n-grams' ``squares``.
    """

    kind: ClassVar[str] = "ngrams"

    def __init__(
        self,
        *,
        words: int,
        classes: int,
        longest: int,
        ngrams: int,
        normalized: bool,
        several: bool = False,
    ) -> None:
        super().__init__()
        self.settings: dict[str, Any] = {
            "words": words,
            "classes": classes,
            "longest": longest,
            "ngrams": ngrams,
            "normalized": normalized,
            "several": several,
        }
        self.longest, self.several = longest, several
        scores = 1 if classes == 2 and not several else classes
        self.hashes: Tensor
        self.register_buffer("hashes", torch.arange(ngrams))  # Ascending.
        self.weights = nn.Parameter(torch.zeros(ngrams, scores), requires_grad=False)
        self.squares = nn.Parameter(
            torch.zeros(ngrams if normalized else 0, scores), requires_grad=False
        )
        self.bias = nn.Parameter(torch.zeros(scores), requires_grad=False)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        hashes, rows = batch_ngrams(ids, lengths, self.longest, ngram_hashes)
        places = torch.searchsorted(self.hashes, hashes).clamp_(max=len(self.hashes) - 1)
        known = self.hashes[places] == hashes
        pairs = torch.unique(rows[known] * len(self.hashes) + places[known])
        known_ngrams = pairs % len(self.hashes)
        first = torch.arange(len(ids), device=ids.device) * len(self.hashes)
        starts = torch.searchsorted(pairs, first)
        scores = functional.embedding_bag(known_ngrams, self.weights, starts, mode="sum")
        if len(self.squares):
            squares = functional.embedding_bag(known_ngrams, self.squares, starts, mode="sum")
            scores = scores / squares.sqrt().clamp_min(1e-12)
        scores = scores + self.bias
        if self.several:
            return scores
        if len(self.bias) == 1:
            return functional.pad(scores, (1, 0))
        return functional.logsigmoid(scores)
