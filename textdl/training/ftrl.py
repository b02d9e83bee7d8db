"""FTRL-Proximal: an optimizer whose L1 penalty makes exact zeros."""

from __future__ import annotations

from collections.abc import Callable
from types import EllipsisType
from typing import Any

import torch
from torch import Tensor, optim
from torch.optim.optimizer import ParamsT


class FTRL(optim.Optimizer):
    """FTRL-Proximal with per-coordinate rates (McMahan et al. 2013, "Ad Click Prediction: a View
    from the Trenches", algorithm 1).

    A weight is the minimum of all gradients so far, of quadratic terms round all weights so far,
    and of ``l1 * |w| + l2 / 2 * w²``. The first of the quadratic terms is round the weight it
    began at; the paper begins at 0. Without ``l1`` and ``l2`` it is AdaGrad with ``beta`` added to
    the root. A sparse gradient moves the rows it has.

    Args:
        lr: the paper's alpha; may change between steps.
        beta: how slowly rates fall at first.
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float = 0.1,
        *,
        l1: float = 0.0,
        l2: float = 0.0,
        beta: float = 1.0,
    ) -> None:
        super().__init__(params, {"lr": lr, "l1": l1, "l2": l2, "beta": beta})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None and group["lr"]:
                    self._move(p, group)
        return loss

    def _move(self, p: Tensor, group: dict[str, Any]) -> None:
        lr, beta, l1, l2 = group["lr"], group["beta"], group["l1"], group["l2"]
        state = self.state[p]
        if not state:
            state["squares"] = torch.zeros_like(p)
            state["curvature"] = torch.full_like(p, beta / lr)
            state["sums"] = p * (-beta / lr)
        assert p.grad is not None
        rows: Tensor | EllipsisType
        if p.grad.is_sparse:
            coalesced = p.grad.coalesce()
            rows, gradient = coalesced.indices()[0], coalesced.values()
        else:
            rows, gradient = ..., p.grad
        squares = state["squares"][rows] + gradient.square()
        curvature = (squares.sqrt() + beta) / lr
        sums = state["sums"][rows] + gradient - (curvature - state["curvature"][rows]) * p[rows]
        beyond = sums.abs() > l1
        p[rows] = torch.where(beyond, (sums.sign() * l1 - sums) / (curvature + l2), 0.0)
        state["squares"][rows], state["curvature"][rows] = squares, curvature
        state["sums"][rows] = sums
