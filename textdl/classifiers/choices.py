"""The names that the settings of networks choose between. A plan looks at them without torch."""

from __future__ import annotations

from typing import Literal

Cell = Literal["lstm", "gru", "rnn"]
Norm = Literal["pre", "post"]
Positions = Literal["sinusoidal", "learned", "rotary"]
Scoring = Literal["additive", "dot"]

BiRNNPooling = Literal["last", "mean", "max", "mean+max", "attention"]
TransformerPooling = Literal["cls", "mean", "max", "mean+max", "attention"]
