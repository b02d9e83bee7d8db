"""Constraints: what weights must not become."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from textdl.errors import InputError


@torch.no_grad()
def limit_norm(weight: Tensor, most: float) -> None:
    """Shorten every row of ``weight``, ``[units, inputs]``, to the Euclidean length ``most`` if it
    is longer (Hinton et al. 2012, "Improving neural networks by preventing co-adaptation of
    feature detectors"). A frozen parameter stays as it is."""
    if isinstance(weight, nn.Parameter) and not weight.requires_grad:
        return
    rows = weight.flatten(1)
    lengths = torch.linalg.vector_norm(rows, dim=1, keepdim=True)
    rows.mul_(torch.where(lengths > most, most / lengths, 1.0))


def weights_of(network: nn.Module, names: Iterable[str]) -> list[nn.Parameter]:
    """The trainable weights, two-dimensional or more, of modules by name.

    Raises:
        InputError: there is no such module.
    """
    modules = dict(network.named_modules())
    found = []
    for name in names:
        if not name or name not in modules:
            known = ", ".join(dict(network.named_children()))
            raise InputError(f"the network has no module {name!r} to limit: it has {known}")
        found += [p for p in modules[name].parameters() if p.requires_grad and p.dim() >= 2]
    return found
