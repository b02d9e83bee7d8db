"""Transformer: an encoder in which every word looks at every other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from textdl.classifiers.attention import SelfAttention, angles
from textdl.classifiers.channels import Channels
from textdl.classifiers.choices import Norm, Positions, Scoring, TransformerPooling
from textdl.classifiers.networks import Encoder
from textdl.classifiers.pooling import Pooling, inside
from textdl.errors import InputError
from textdl.training.activations import activation as make_activation
from textdl.training.recipe import Activation


class Transformer(Encoder):
    """A linear layer from word vectors to the model's width, normalized so that words weigh as much
    as positions, then blocks of self-attention and feed-forward layers, pooling, dropout, linear
    (Vaswani et al. 2017, "Attention Is All You Need", its encoder).

    A document longer than ``max_length`` is cut. Attention to all words costs time by the square of
    their number; with a ``window`` each looks no farther than that to either side, and a long
    document costs as much per word as a short one.

    Args:
        words: size of the vocabulary; id 0 is padding.
        dim: length of a word vector.
        classes: how many labels there are.
        width: length of a state, a multiple of ``heads``.
        heads: how many parts of it attend apart from each other.
        layers: how many blocks there are.
        feedforward: width of the layer inside a block.
        activation: what follows that layer; for ``maxout`` it has twice as many features.
        norm: ``post`` normalizes a block's sums, as the paper does; ``pre`` what a block reads, so
            that deep ones train without warm-up (Xiong et al. 2020, "On Layer Normalization in the
            Transformer Architecture").
        positions: ``sinusoidal`` are added, ``learned`` too (both Vaswani et al. 2017), ``rotary``
            turn queries and keys (Su et al. 2021, "RoFormer: Enhanced Transformer with Rotary
            Position Embedding").
        max_length: how many words of a document are read.
        window: if given, how far a word looks (Beltagy et al. 2020, "Longformer: The Long-Document
            Transformer"); not with ``cls``, which would see the first words only.
        pooling: ``cls`` takes the state of a learnt vector that begins every document (Devlin et
            al. 2019, "BERT"), the others look at all words.
        scoring: how the pooling ``attention`` scores a word.
        dropout: share of the features dropped in training, of the first states and of what each
            half of a block adds, as in the paper, and before the output. No attention weights are:
            the fused kernels could not.
        frozen: for each channel of word vectors whether they stay as they are. The network sees the
            sum of the channels.

    Raises:
        InputError: ``width``, ``heads``, ``positions``, ``window`` and ``pooling`` don't go
            together.
    """

    kind: ClassVar[str] = "transformer"

    def __init__(
        self,
        *,
        words: int,
        dim: int,
        classes: int,
        width: int = 128,
        heads: int = 4,
        layers: int = 1,
        feedforward: int = 256,
        activation: Activation = "gelu",
        norm: Norm = "pre",
        positions: Positions = "rotary",
        max_length: int = 1000,
        window: int | None = None,
        pooling: TransformerPooling = "mean",
        scoring: Scoring = "additive",
        dropout: float = 0.1,
        frozen: Sequence[bool] = (False,),
    ) -> None:
        super().__init__()
        self.settings: dict[str, Any] = {
            "words": words,
            "dim": dim,
            "classes": classes,
            "width": width,
            "heads": heads,
            "layers": layers,
            "feedforward": feedforward,
            "activation": activation,
            "norm": norm,
            "positions": positions,
            "max_length": max_length,
            "window": window,
            "pooling": pooling,
            "scoring": scoring,
            "dropout": dropout,
            "frozen": list(frozen),
        }
        unit = math.lcm(heads, {"sinusoidal": 2, "learned": 1, "rotary": 2 * heads}[positions])
        if width % unit:
            raise InputError(
                f"width {width} is no multiple of {unit}, which {heads} heads with {positions} "
                "positions need: choose one, or fewer heads"
            )
        if pooling == "cls" and window is not None:
            raise InputError(
                "with a window the state that 'cls' takes sees the first words only: choose "
                "another pooling, or no window"
            )
        self.positions, self.max_length, self.heads = positions, max_length, heads
        self.channels = Channels(words, dim, frozen)
        self.projection = nn.Sequential(nn.Linear(dim, width), nn.LayerNorm(width))
        self.cls = _drawn(width) if pooling == "cls" else None
        most = max_length + (pooling == "cls")
        self.table = _drawn(most, width) if positions == "learned" else None
        self.blocks = nn.ModuleList(
            Block(width, heads, feedforward, activation, norm, window, dropout)
            for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width) if norm == "pre" else nn.Identity()
        self.pooling = Pooling(pooling, width, scoring=scoring)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(self.pooling.features, classes)

    def encode(self, ids: Tensor, lengths: Tensor) -> Tensor:
        lengths = lengths.clamp_max(self.max_length)
        states = self.projection(self.channels.look_up(ids[:, : self.max_length]))
        if self.cls is not None:
            states = torch.cat([self.cls.expand(len(states), 1, -1), states], 1)
            lengths = lengths + 1
        states = self.states(states, lengths)
        features: Tensor = self.pooling(states, lengths)
        return features

    def states(self, states: Tensor, lengths: Tensor) -> Tensor:
        """What the blocks make of states, float32 ``[batch, longest, width]``."""
        longest, width = states.shape[1:]
        turns = None
        if self.positions == "rotary":
            turns = angles(longest, width // self.heads, states.device)
        elif self.table is not None:
            states = states + self.table[:longest]
        else:
            waves = angles(longest, width, states.device)
            states = states + torch.cat([waves.sin(), waves.cos()], 1)
        # An empty document looks at padding, so that there is something to look at.
        places = inside(lengths.clamp_min(1), longest)
        if self.projection.training:  # frozen parts drop nothing
            states = self.dropout(states)
        for block in self.blocks:
            states = block(states, places, turns)
        normalized: Tensor = self.norm(states)
        return normalized


class Block(nn.Module):
    """Self-attention, then a feed-forward layer for each word; what either gives is added to what
    it was given. The settings are those of :class:`Transformer`."""

    def __init__(
        self,
        width: int,
        heads: int,
        feedforward: int,
        activation: Activation,
        norm: Norm,
        window: int | None,
        dropout: float,
    ) -> None:
        super().__init__()
        self.before = {"pre": True, "post": False}[norm]
        self.attention = SelfAttention(width, heads, window)
        self.feedforward = nn.Sequential(
            nn.Linear(width, 2 * feedforward if activation == "maxout" else feedforward),
            make_activation(activation),
            nn.Linear(feedforward, width),
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Tensor, places: Tensor, turns: Tensor | None) -> Tensor:
        """States, float32 ``[batch, longest, width]``, of states of that shape.

        Args:
            places: bool ``[batch, longest]``, which may be looked at.
            turns: rotary angles, or None.
        """
        one, two = self.norms
        if self.before:
            states = states + self.dropout(self.attention(one(states), places, turns))
            states = states + self.dropout(self.feedforward(two(states)))
        else:
            states = one(states + self.dropout(self.attention(states, places, turns)))
            states = two(states + self.dropout(self.feedforward(states)))
        return states


def _drawn(*shape: int) -> nn.Parameter:
    """Half as large as the normalized words."""
    return nn.Parameter(torch.empty(shape).normal_(std=0.5))
