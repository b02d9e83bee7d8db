"""Gaussian noise on inputs and weights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class GaussianNoise(nn.Module):
    """Adds noise of standard deviation ``std`` in training (Bishop 1995, "Training with Noise is
    Equivalent to Tikhonov Regularization")."""

    def __init__(self, std: float) -> None:
        super().__init__()
        self.std = std

    def extra_repr(self) -> str:
        return f"std={self.std}"

    def forward(self, values: Tensor) -> Tensor:
        if not self.training or not self.std:
            return values
        return values + self.std * torch.randn_like(values)


@contextmanager
def noisy_weights(weights: Iterable[Tensor], std: float) -> Iterator[None]:
    """Within it noise of standard deviation ``std`` is on the weights, so that gradients are those
    of a neighbour; afterwards they are what they were (Graves 2011, "Practical Variational
    Inference for Neural Networks")."""
    if not std:
        yield
        return
    tensors = [p.detach() for p in weights]
    kept = [tensor.clone() for tensor in tensors]
    for tensor in tensors:
        tensor.add_(torch.randn_like(tensor), alpha=std)
    try:
        yield
    finally:
        for tensor, values in zip(tensors, kept, strict=True):
            tensor.copy_(values)
