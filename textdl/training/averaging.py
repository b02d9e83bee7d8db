"""Averages of weights, which generalise better than the weights themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from textdl.training.checkpoints import Weights


@torch.no_grad()
def move(average: Weights, weights: Weights, share: float) -> None:
    """Take ``average`` by ``share`` of the way to ``weights``; what is no number with a point,
    such as a batch norm's count, is copied.

    With :func:`ema_share` that is the exponential moving average (Polyak & Juditsky 1992,
    "Acceleration of Stochastic Approximation by Averaging"), with ``1 / n`` the mean of n weights
    (Izmailov et al. 2018, "Averaging Weights Leads to Wider Optima and Better Generalization"; they
    compute the figures of a batch norm anew for the mean, here they are averaged too).
    """
    for name, value in average.items():
        if value.is_floating_point():
            value.lerp_(weights[name], share)
        else:
            value.copy_(weights[name])


def ema_share(decay: float, steps: int) -> float:
    """``1 - decay``; more in the first steps, so that the weights in the beginning are soon
    forgotten."""
    return 1 - min(decay, (1 + steps) / (10 + steps))


@contextmanager
def using(network: nn.Module, weights: Weights) -> Iterator[None]:
    """Within it the network has these weights instead of its own."""
    kept = {name: value.clone() for name, value in network.state_dict().items() if name in weights}
    _load(network, weights)
    try:
        yield
    finally:
        _load(network, kept)


@torch.no_grad()
def _load(network: nn.Module, weights: Weights) -> None:
    own = network.state_dict()
    for name, value in weights.items():
        own[name].copy_(value)
