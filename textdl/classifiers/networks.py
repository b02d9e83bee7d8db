"""What a network is, and which there are."""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from textdl.classifiers.channels import Channels
from textdl.errors import InputError

NETWORKS = {
    "birnn": "textdl.classifiers.birnn:BiRNN",
    "meanvectors": "textdl.classifiers.meanvectors:MeanVectors",
    "ngrams": "textdl.classifiers.ngramweights:NgramWeights",
    "textcnn": "textdl.classifiers.textcnn:TextCNN",
    "tfidf": "textdl.classifiers.tfidf:TfIdf",
    "transformer": "textdl.classifiers.transformer:Transformer",
}
"""Where the network of each kind is: a new one gets a line here."""


class Network(nn.Module):
    """Gives documents logits.

    Attributes:
        kind: its name in :data:`NETWORKS`.
        settings: JSON, the constructor's arguments; ``words`` and ``classes`` are among them.
    """

    kind: ClassVar[str]
    settings: dict[str, Any]

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Logits, float32 ``[batch, classes]``.

        Args:
            ids: int64 ``[batch, longest]``, padded with 0. Padding must not change the result.
            lengths: int64 ``[batch]``, how many of the ids are no padding.
        """
        raise NotImplementedError

    def extra_repr(self) -> str:
        """The settings: a checkpoint knows by them whose it is."""
        return ", ".join(f"{name}={value!r}" for name, value in self.settings.items())


class Encoder(Network):
    """A network that makes features of documents, drops some of them in training, and ends with a
    linear layer, ``output``.

    Attributes:
        channels: the word vectors.
    """

    channels: Channels
    dropout: nn.Module
    output: nn.Linear

    def encode(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Features, float32 ``[batch, features]``; the arguments are those of :meth:`forward`."""
        raise NotImplementedError

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        logits: Tensor = self.output(self.dropout(self.encode(ids, lengths)))
        return logits


def network_from_settings(kind: str, settings: dict[str, Any]) -> Network:
    """A network to load weights into.

    Raises:
        InputError: no network of this kind exists, or it has other settings.
    """
    if kind not in NETWORKS:
        raise InputError(
            f"no network of kind {kind!r}: this version of textdl knows {', '.join(NETWORKS)}"
        )
    module, name = NETWORKS[kind].split(":")
    try:
        # On torch's meta device it would need no memory, and 1.6 s for the imports behind that.
        with torch.random.fork_rng(devices=[]):
            network: Network = getattr(import_module(module), name)(**settings)
    except (ArithmeticError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise InputError(f"the settings of this {kind} can't be right: {error}") from error
    return network
