"""TextCNN: filters over windows of words, and the maximum of each over the document."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from textdl.classifiers.channels import Channels
from textdl.classifiers.networks import Encoder
from textdl.training.activations import activation as make_activation
from textdl.training.recipe import Activation


class TextCNN(Encoder):
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
        k: how many values of each filter are kept, the largest, in the order of their windows
            (Kalchbrenner et al. 2014, "A Convolutional Neural Network for Modelling Sentences").
        batch_norm: whether what is kept is normalized over the batch before the activation (Ioffe &
            Szegedy 2015, "Batch Normalization").
        activation: what follows the filters; for ``maxout`` there are twice as many.
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
        k: int = 1,
        batch_norm: bool = False,
        activation: Activation = "relu",
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
            "k": k,
            "batch_norm": batch_norm,
            "activation": activation,
            "dropout": dropout,
            "frozen": list(frozen),
        }
        self.widths, self.k = list(widths), k
        self.maps = 2 * maps if activation == "maxout" else maps
        self.channels = Channels(words, dim, frozen)
        self.filters = nn.Parameter(torch.empty(dim, sum(widths) * self.maps))
        self.biases = nn.Parameter(torch.empty(len(widths) * self.maps))
        self.norm = BatchNorm(len(widths) * k * self.maps) if batch_norm else nn.Identity()
        self.activation = make_activation(activation)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(len(widths) * k * maps, classes)
        bound = 1 / math.sqrt(dim * max(widths))
        nn.init.uniform_(self.filters, -bound, bound)
        nn.init.uniform_(self.biases, -bound, bound)

    def weights(self) -> Iterator[tuple[Tensor, Sequence[Tensor]]]:
        """The filters, as those of each width, float32 ``[maps, dim, width]``, and the biases."""
        slots = self.filters.detach().view(len(self.filters), -1, self.maps).permute(2, 0, 1)
        yield self.filters, slots.split(self.widths, 2)
        yield self.biases, [self.biases.detach()]

    def encode(self, ids: Tensor, lengths: Tensor) -> Tensor:
        padded = functional.pad(ids, (0, max(self.widths) + self.k - 1))
        return self.features(*self.channels(padded))

    def features(self, vectors: Tensor, places: Tensor) -> Tensor:
        """What is kept of each filter in each document, float32 ``[batch, features]``; 0 where a
        document has fewer windows.

        A convolution is a sum of one product per place in the window, and a batch has many times
        more tokens than distinct words: the products are made once per word and looked up.

        Args:
            vectors: float32 ``[words, dim]``, those of the batch's distinct words, padding first.
            places: int64 ``[batch, longest + widest + k - 1]``, where among them each token is.
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
            peaks = self._peaks(sums.view(*windows.shape[:2], self.maps))
            best.append(windows.gather(1, peaks[:, :, None].expand(-1, -1, end - first)))
        # Of all windows only the best of each filter take part in the gradient.
        column = torch.arange(self.maps, device=places.device).repeat(self.k)[:, None]
        chosen = torch.cat(best, 2) * self.maps + column  # [batch, k * maps, Σ widths]
        summands = products.flatten().gather(0, chosen.flatten()).view(chosen.shape)
        maxima = [group.sum(2) for group in torch.split(summands, self.widths, 2)]
        biases = self.biases.view(-1, self.maps).repeat(1, self.k).flatten()
        kept = torch.cat(maxima, 1) + biases  # [batch, widths * k * maps]
        none = kept == -torch.inf
        features: Tensor = self.activation(self.norm(kept.masked_fill(none, 0)))
        # Of the two filters that maxout pairs, either has as many windows as the other.
        return features.masked_fill(none[:, :: none.shape[1] // features.shape[1]], 0)

    def _peaks(self, sums: Tensor) -> Tensor:
        """The windows in which each filter is largest, first ones first, int64
        ``[batch, k * maps]``, of sums ``[batch, windows, maps]``."""
        if self.k == 1:
            return sums.max(1).indices
        # Not topk: which of equal windows it takes depends on how many others there are.
        largest = sums.sort(dim=1, descending=True, stable=True).indices[:, : self.k]
        return largest.sort(1).values.flatten(1)


class BatchNorm(nn.BatchNorm1d):
    """Batch normalization that takes the running figures for a batch of one, which has no
    variance."""

    def forward(self, features: Tensor) -> Tensor:
        if len(features) > 1:
            return super().forward(features)
        return functional.batch_norm(
            features, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
        )
