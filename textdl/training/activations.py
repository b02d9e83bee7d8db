"""Activations by name."""

from __future__ import annotations

from typing import get_args

from torch import Tensor, nn

from textdl.errors import InputError
from textdl.training.recipe import Activation

_MODULES: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky-relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}


class Maxout(nn.Module):
    """The maximum of every ``pieces`` neighbouring features: ``[..., n]`` to ``[..., n / pieces]``
    (Goodfellow et al. 2013, "Maxout Networks")."""

    def __init__(self, pieces: int = 2) -> None:
        super().__init__()
        self.pieces = pieces

    def extra_repr(self) -> str:
        return f"pieces={self.pieces}"

    def forward(self, features: Tensor) -> Tensor:
        maxima: Tensor = features.unflatten(-1, (-1, self.pieces)).amax(-1)
        return maxima


def activation(name: Activation) -> nn.Module:
    """A module, elementwise except for :class:`Maxout`, which halves the last axis.

    ReLU: Nair & Hinton 2010; leaky, 0.01 below 0: Maas et al. 2013; ELU: Clevert et al. 2016;
    GELU: Hendrycks & Gimpel 2016.

    Raises:
        InputError: there is none of this name.
    """
    if name == "maxout":
        return Maxout()
    if name not in _MODULES:
        raise InputError(f"no activation {name!r}: there are {', '.join(get_args(Activation))}")
    return _MODULES[name]()
