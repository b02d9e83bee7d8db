"""Initialisation: the weights that training begins with."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from textdl.training.recipe import Initialisation


def initialise(network: nn.Module, method: Initialisation) -> None:
    """Draw the trainable weights of linear, convolutional and recurrent modules anew and set their
    biases to 0; embeddings and whatever else there is stay.

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
        if isinstance(module, nn.Linear | nn.Conv1d | nn.Conv2d | nn.RNNBase):
            for p in module.parameters(recurse=False):
                if p.requires_grad:
                    for gate in _gates(module, p):
                        draw(gate, method)


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
        nn.init.orthogonal_(weight)


def _gates(module: nn.Module, weight: Tensor) -> tuple[Tensor, ...]:
    """Those of a recurrent cell lie one under the other and are drawn apart."""
    if not isinstance(module, nn.RNNBase):
        return (weight.detach(),)
    return torch.split(weight.detach(), module.hidden_size)
