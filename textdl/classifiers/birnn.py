"""BiRNN: recurrent networks that read a document from both ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from textdl.classifiers.channels import Channels
from textdl.classifiers.choices import BiRNNPooling, Cell, Scoring
from textdl.classifiers.networks import Encoder
from textdl.classifiers.pooling import Pooling, inside
from textdl.errors import InputError
from textdl.training.dropout import DropConnect, LockedDropout

CELLS: dict[Cell, type[nn.LSTM] | type[nn.GRU] | type[nn.RNN]] = {
    "lstm": nn.LSTM,
    "gru": nn.GRU,
    "rnn": nn.RNN,
}


class BiRNN(Encoder):
    """Layers of two recurrent networks each, one for either direction, then pooling over the words,
    dropout, linear (Schuster & Paliwal 1997, "Bidirectional Recurrent Neural Networks").

    A backward network reads every document reversed within its own length. So padding comes after
    the words in both directions and no state of a word depends on it, as with a packed sequence,
    for which torch's CPU kernels are several times slower.

    Args:
        words: size of the vocabulary; id 0 is padding.
        dim: length of a word vector.
        classes: how many labels there are.
        cell: ``lstm`` (Hochreiter & Schmidhuber 1997, "Long Short-Term Memory"), ``gru`` (Cho et
            al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder") or ``rnn`` with
            tanh (Elman 1990, "Finding Structure in Time").
        hidden: length of a state in either direction.
        layers: how many lie on each other.
        pooling: ``last`` takes what each direction ends with, the others look at all words.
        scoring: how ``attention`` scores a word.
        window: if given, how far from a predicted place ``attention`` looks; see
            :class:`~textdl.classifiers.pooling.Attention`.
        dropout: share of the features dropped in training between layers and before the output
            (Zaremba et al. 2014, "Recurrent Neural Network Regularization").
        input_dropout: the same for the word vectors.
        recurrent_dropout: share of the weights from state to state dropped (Merity et al. 2018,
            "Regularizing and Optimizing LSTM Language Models").
        locked: whether the same features are dropped in all words of a document (Gal & Ghahramani
            2016, "A Theoretically Grounded Application of Dropout in Recurrent Neural Networks").
        frozen: for each channel of word vectors whether they stay as they are. The network sees the
            sum of the channels.

    Raises:
        InputError: there is a ``window`` without ``attention``.
    """

    kind: ClassVar[str] = "birnn"

    def __init__(
        self,
        *,
        words: int,
        dim: int,
        classes: int,
        cell: Cell = "lstm",
        hidden: int = 100,
        layers: int = 1,
        pooling: BiRNNPooling = "max",
        scoring: Scoring = "additive",
        window: int | None = None,
        dropout: float = 0.5,
        input_dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        locked: bool = False,
        frozen: Sequence[bool] = (False,),
    ) -> None:
        super().__init__()
        self.settings: dict[str, Any] = {
            "words": words,
            "dim": dim,
            "classes": classes,
            "cell": cell,
            "hidden": hidden,
            "layers": layers,
            "pooling": pooling,
            "scoring": scoring,
            "window": window,
            "dropout": dropout,
            "input_dropout": input_dropout,
            "recurrent_dropout": recurrent_dropout,
            "locked": locked,
            "frozen": list(frozen),
        }
        if window is not None and pooling != "attention":
            raise InputError(
                f"a window says where attention looks, but pooling is {pooling!r}: choose "
                "'attention', or no window"
            )
        self.channels = Channels(words, dim, frozen)
        drop = LockedDropout if locked else nn.Dropout
        self.layers = nn.ModuleList(
            BothWays(CELLS[cell], size, hidden, drop(share), recurrent_dropout)
            for size, share in [(dim, input_dropout), *[(2 * hidden, dropout)] * (layers - 1)]
        )
        self.pooling = Pooling(pooling, 2 * hidden, scoring=scoring, window=window)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(self.pooling.features, classes)

    def encode(self, ids: Tensor, lengths: Tensor) -> Tensor:
        states = self.states(self.channels.look_up(ids), lengths)
        features: Tensor = self.pooling(states, lengths)
        return features

    def states(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """The state of each word in the last layer, float32 ``[batch, longest, 2 * hidden]``, the
        forward half first; 0 for padding.

        Args:
            vectors: float32 ``[batch, longest, dim]``.
            lengths: int64 ``[batch]``.
        """
        order = reversal(lengths, vectors.shape[1])
        places = inside(lengths, vectors.shape[1])[:, :, None]
        states = vectors
        for layer in self.layers:
            states = layer(states, *order) * places
        return states


class BothWays(nn.Module):
    """Two recurrent networks over the same words, after dropout.

    Args:
        cell: one of :data:`CELLS`.
        dim: length of what they read.
        hidden: length of the state of each.
        dropout: drops features of what they read.
        recurrent_dropout: share of the weights from state to state that each loses in training.
    """

    def __init__(
        self,
        cell: type[nn.LSTM] | type[nn.GRU] | type[nn.RNN],
        dim: int,
        hidden: int,
        dropout: nn.Module,
        recurrent_dropout: float,
    ) -> None:
        super().__init__()
        self.dropout = dropout

        def one_way() -> DropConnect:
            network = cell(dim, hidden)
            return DropConnect(network, recurrent_dropout, ["weight_hh_l0"])

        self.onward, self.backward = one_way(), one_way()

    def forward(self, vectors: Tensor, there: Tensor, back: Tensor) -> Tensor:
        """States, float32 ``[batch, longest, 2 * hidden]``, those of the forward network first.

        Args:
            vectors: float32 ``[batch, longest, dim]``.
            there, back: a :func:`reversal` of the batch.
        """
        vectors = self.dropout(vectors)
        ahead, _ = self.onward(vectors.transpose(0, 1))
        behind, _ = self.backward(rows_of(vectors, there))
        return torch.cat([ahead.transpose(0, 1), rows_of(behind, back)], 2)


def reversal(lengths: Tensor, longest: int) -> tuple[Tensor, Tensor]:
    """Where to take each word from when the words of every document are reversed and padding stays:
    ``there``, int64 ``[longest, batch]``, from a batch, and ``back``, int64 ``[batch, longest]``,
    from that again. Time comes first in between, as torch's recurrent networks have it, so that one
    copy does both."""
    steps = torch.arange(longest, device=lengths.device)
    documents = torch.arange(len(lengths), device=lengths.device)[:, None]
    source = torch.where(inside(lengths, longest), lengths[:, None] - 1 - steps, steps)
    return (documents * longest + source).T, source * len(lengths) + documents


def rows_of(states: Tensor, order: Tensor) -> Tensor:
    """The rows of states ``[·, ·, features]``, counted through both axes, that are ordered."""
    rows = states.flatten(0, 1).index_select(0, order.flatten())
    return rows.view(*order.shape, -1)
