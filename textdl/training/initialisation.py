"""Initialisation: the weights that training begins with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from textdl.training.recipe import Initialisation


def initialise(network: nn.Module, method: Initialisation) -> None:
    """Draw the trainable weights of linear, convolutional and recurrent modules anew, and of those
    with a method ``weights`` that names theirs, and set their biases to 0; embeddings and whatever
    else there is stay.

    - ``xavier``: uniform, for tanh and sigmoid (Glorot & Bengio 2010, "Understanding the difficulty
      of training deep feedforward neural networks");
    - ``he``: normal, for ReLU and its kin (He et al. 2015, "Delving Deep into Rectifiers");
    - ``orthogonal``: rows or columns are orthonormal, for depth and recurrence (Saxe et al. 2014,
      "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks");
    - ``own`` changes nothing.
    """
    if method == "own":
        return
    for module in network.modules():
        for parameter, parts in _weights(module):
            for part in parts if parameter.requires_grad else ():
                draw(part, method)


@torch.no_grad()
def draw(weight: Tensor, method: Initialisation) -> None:
    """Draw one weight, ``[outputs, inputs, ...]``; a vector is a bias and becomes 0."""
    if weight.dim() < 2:
        nn.init.zeros_(weight)
    elif method == "xavier":
        nn.init.xavier_uniform_(weight)
    elif method == "he":
        nn.init.kaiming_normal_(weight, nonlinearity="relu")
    elif method == "orthogonal":
        weight.copy_(nn.init.orthogonal_(torch.empty(weight.shape)))


@runtime_checkable
class _Weighted(Protocol):
    def weights(self) -> Iterable[tuple[Tensor, Sequence[Tensor]]]: ...


def _weights(module: nn.Module) -> Iterator[tuple[Tensor, Sequence[Tensor]]]:
    """A module's own parameters, and the parts of each that are drawn apart."""
    if isinstance(module, _Weighted):
        yield from module.weights()
    elif isinstance(module, nn.RNNBase):  # the gates lie one under the other
        for p in module.parameters(recurse=False):
            yield p, torch.split(p.detach(), module.hidden_size)
    elif isinstance(module, nn.Linear | nn.Conv1d | nn.Conv2d):
        for p in module.parameters(recurse=False):
            yield p, [p.detach()]
