"""Gradient clipping."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn


@torch.no_grad()
def clip(
    parameters: Iterable[nn.Parameter], *, norm: float | None = None, value: float | None = None
) -> None:
    """Cut every entry of the gradients to ± ``value`` (Mikolov 2012, "Statistical Language Models
    Based on Neural Networks"), then all of them together to the Euclidean length ``norm`` (Pascanu
    et al. 2013, "On the difficulty of training recurrent neural networks").

    torch's own functions refuse the gradients of sparse embeddings.
    """
    if norm is None and value is None:
        return
    gradients = [_entries(p) for p in parameters if p.grad is not None]
    if value is not None:
        for gradient in gradients:
            gradient.clamp_(-value, value)
    if norm is not None and gradients:
        total = torch.stack([torch.linalg.vector_norm(g) for g in gradients]).norm()
        scale = (norm / (total + 1e-12)).clamp_max(1.0)
        for gradient in gradients:
            gradient.mul_(scale)


def _entries(p: nn.Parameter) -> Tensor:
    assert p.grad is not None
    if not p.grad.is_sparse:
        return p.grad
    p.grad = p.grad.coalesce()
    return p.grad._values()
