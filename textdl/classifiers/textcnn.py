"""TextCNN: filters over windows of words, and the maximum of each over the document."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from itertools import accumulate, pairwise
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from textdl.classifiers.networks import Network


class TextCNN(Network):
    """One layer of convolution over word vectors, maximum over time, dropout, linear
    (Kim 2014, "Convolutional Neural Networks for Sentence Classification").

    A window begins at a word of the document and may run past its end, where the vectors are 0.
    So the shortest document has a window for the widest filter, padding never begins one, and of
    an empty document every feature is 0.

    Args:
        words: size of the vocabulary; id 0 is padding.
        dim: length of a word vector.
        classes: how many labels there are.
        widths: how many words a window spans, for each group of filters.
        maps: filters per width.
        dropout: share of the features dropped in training.
        frozen: for each channel of word vectors whether they stay as they are. A filter sees the
            sum of the channels.
    """

    kind: ClassVar[str] = "textcnn"

    def __init__(
        self,
        *,
        words: int,
        dim: int,
        classes: int,
        widths: Sequence[int] = (3, 4, 5),
        maps: int = 100,
        dropout: float = 0.5,
        frozen: Sequence[bool] = (False,),
    ) -> None:
        super().__init__()
        self.settings: dict[str, Any] = {
            "words": words,
            "dim": dim,
            "classes": classes,
            "widths": list(widths),
            "maps": maps,
            "dropout": dropout,
            "frozen": list(frozen),
        }
        self.widths, self.maps = list(widths), maps
        self.channels = nn.ModuleList(
            nn.Embedding(words, dim, padding_idx=0, sparse=True).requires_grad_(not still)
            for still in frozen
        )
        self.filters = nn.Parameter(torch.empty(dim, sum(widths) * maps))
        self.biases = nn.Parameter(torch.empty(len(widths) * maps))
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(len(widths) * maps, classes)
        bound = 1 / math.sqrt(dim * max(widths))
        nn.init.uniform_(self.filters, -bound, bound)
        nn.init.uniform_(self.biases, -bound, bound)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Logits, float32 ``[batch, classes]``, of padded ids, int64 ``[batch, longest]``."""
        padded = functional.pad(ids, (0, max(self.widths)))
        words, places = torch.unique(padded, return_inverse=True)
        vectors = reduce(torch.add, (channel(words) for channel in self.channels))
        logits: Tensor = self.output(self.dropout(self.features(vectors, places)))
        return logits

    def features(self, vectors: Tensor, places: Tensor) -> Tensor:
        """The maximum of each filter over each document, float32 ``[batch, filters]``.

        A convolution is a sum of one product per place in the window, and a batch has many times
        more tokens than distinct words: the products are made once per word and looked up.

        Args:
            vectors: float32 ``[words, dim]``, those of the batch's distinct words, padding first.
            places: int64 ``[batch, longest + widest]``, where among them each token is.
        """
        products = (vectors @ self.filters).view(-1, self.maps)  # [words * Σ widths, maps]
        bounds = list(accumulate(self.widths, initial=0))
        searched = products.detach()
        searched[bounds[:-1]] = -torch.inf  # A window that begins with padding is none.
        best = []
        for first, end in pairwise(bounds):
            slots = torch.arange(first, end, device=places.device)
            windows = places.unfold(1, end - first, 1) * bounds[-1] + slots
            sums = functional.embedding_bag(windows.flatten(0, 1), searched, mode="sum")
            peaks = sums.view(*windows.shape[:2], self.maps).max(1).indices
            best.append(windows.gather(1, peaks[:, :, None].expand(-1, -1, end - first)))
        # Of all windows only the best one of each filter takes part in the gradient.
        column = torch.arange(self.maps, device=places.device)[:, None]
        chosen = torch.cat(best, 2) * self.maps + column  # [batch, maps, Σ widths]
        summands = products.flatten().gather(0, chosen.flatten()).view(chosen.shape)
        maxima = [group.sum(2) for group in torch.split(summands, self.widths, 2)]
        return functional.relu(torch.cat(maxima, 1) + self.biases)
