"""Penalties: gradients of L1 and L2 norms."""

from __future__ import annotations

import torch
from torch import optim

from textdl.training.ftrl import FTRL


@torch.no_grad()
def add_penalties(optimizers: list[optim.Optimizer]) -> None:
    """Add the gradients of ``l1 * |w|`` and ``l2 / 2 * |w|²``, with the ``l1`` and ``l2`` of each
    group, to those of the parameters that have some. FTRL has its own way with both."""
    for optimizer in optimizers:
        if isinstance(optimizer, FTRL):
            continue
        for group in optimizer.param_groups:
            if not (group["l1"] or group["l2"]):
                continue
            for p in group["params"]:
                if p.grad is not None:
                    p.grad.add_(p, alpha=group["l2"]).add_(p.sign(), alpha=group["l1"])
