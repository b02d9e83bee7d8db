"""From a state for each word of a document to features of the document."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from textdl.classifiers.choices import BiRNNPooling, Scoring, TransformerPooling


def inside(lengths: Tensor, longest: int) -> Tensor:
    """Which places hold a word, bool ``[batch, longest]``."""
    return torch.arange(longest, device=lengths.device) < lengths[:, None]


def first(states: Tensor, lengths: Tensor) -> Tensor:
    return states[:, 0]


def last(states: Tensor, lengths: Tensor) -> Tensor:
    """What each direction of a bidirectional network ends with: the first half of the state at
    the last word, and the second half of that at the first."""
    ends = states[torch.arange(len(states), device=states.device), lengths.clamp_min(1) - 1]
    half = states.shape[2] // 2
    return torch.cat([ends[:, :half], states[:, 0, half:]], 1)


def mean(states: Tensor, lengths: Tensor) -> Tensor:
    shares = inside(lengths, states.shape[1]) / lengths.clamp_min(1)[:, None]
    return _weighted(states, shares)


def maximum(states: Tensor, lengths: Tensor) -> Tensor:
    outside = ~inside(lengths, states.shape[1])
    return states.masked_fill(outside[:, :, None], -torch.inf).max(1).values


def mean_and_maximum(states: Tensor, lengths: Tensor) -> Tensor:
    return torch.cat([mean(states, lengths), maximum(states, lengths)], 1)


class Attention(nn.Module):
    """A mean of the states, weighed by how well each answers a learnt query (Yang et al. 2016,
    "Hierarchical Attention Networks for Document Classification", without the hierarchy).

    Args:
        dim: length of a state.
        scoring: ``additive`` compares the query with tanh of a linear layer over the state
            (Bahdanau et al. 2015, "Neural Machine Translation by Jointly Learning to Align and
            Translate"), ``dot`` with the state itself (Luong et al. 2015, "Effective Approaches to
            Attention-based Neural Machine Translation").
        window: if given, only the states at most so far from one place take part, the less the
            farther; the place is predicted from the mean state (Luong et al. 2015, "local-p").
    """

    def __init__(self, dim: int, scoring: Scoring = "additive", window: int | None = None) -> None:
        super().__init__()
        layer = nn.Sequential(nn.Linear(dim, dim), nn.Tanh())
        self.key = {"additive": layer, "dot": nn.Identity()}[scoring]
        self.query = nn.Parameter(torch.empty(dim))
        nn.init.normal_(self.query, std=dim**-0.5)
        self.window = window
        if window is not None:
            self.centre = nn.Sequential(nn.Linear(dim, dim), nn.Tanh(), nn.Linear(dim, 1))

    def weights(self, states: Tensor, lengths: Tensor) -> Tensor:
        """How much each state counts, float32 ``[batch, longest]``; 0 for padding. Without a
        window those of a document sum to 1."""
        places = inside(lengths, states.shape[1])
        scores = self.key(states) @ self.query
        nearness = None
        if self.window is not None:
            share = self.centre(mean(states, lengths)).sigmoid()  # [batch, 1]
            steps = torch.arange(states.shape[1], device=states.device)
            distances = steps - share * (lengths - 1).clamp_min(0)[:, None]
            places = places & (distances.abs() <= self.window)
            nearness = torch.exp(-2 * (distances / self.window).square())  # σ is window / 2
        # Minus infinity would make an empty document's weights nan.
        lowest = torch.finfo(scores.dtype).min
        weights: Tensor = scores.masked_fill(~places, lowest).softmax(1) * places
        return weights if nearness is None else weights * nearness

    def forward(self, states: Tensor, lengths: Tensor) -> Tensor:
        return _weighted(states, self.weights(states, lengths))


POOLINGS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "cls": first,
    "last": last,
    "mean": mean,
    "max": maximum,
    "mean+max": mean_and_maximum,
}


class Pooling(nn.Module):
    """Features of documents. Padding is never read, and all those of an empty document are 0.

    Args:
        kind: one of :data:`POOLINGS`, or ``attention``.
        dim: length of a state.
        scoring, window: how :class:`Attention` works, where that is the kind.

    Attributes:
        features: how many there are.
    """

    def __init__(
        self,
        kind: BiRNNPooling | TransformerPooling,
        dim: int,
        *,
        scoring: Scoring = "additive",
        window: int | None = None,
    ) -> None:
        super().__init__()
        self.features = 2 * dim if kind == "mean+max" else dim
        self.pool = Attention(dim, scoring, window) if kind == "attention" else POOLINGS[kind]

    def forward(self, states: Tensor, lengths: Tensor) -> Tensor:
        """Features, float32 ``[batch, features]``.

        Args:
            states: float32 ``[batch, longest, dim]``, with ``longest`` at least 1.
            lengths: int64 ``[batch]``, how many of the states are no padding.
        """
        return self.pool(states, lengths).masked_fill(lengths[:, None] == 0, 0)


def _weighted(states: Tensor, weights: Tensor) -> Tensor:
    return (weights.to(states.dtype)[:, None] @ states)[:, 0]
