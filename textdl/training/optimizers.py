"""Optimizers: which there are, and at which rate they move each parameter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn, optim

from textdl.training.ftrl import FTRL
from textdl.training.layers import embeddings, layers, matrices
from textdl.training.recipe import Recipe

SPARSE = ("sgd", "adagrad", "adam", "adamw", "ftrl")
"""The optimizers that leave the rows of an embedding alone that a batch has not touched. The
others move every row at every step."""

ADAMW_DECAY = 0.01

Groups = list[dict[str, Any]]


class Adagrad(optim.Adagrad):
    """torch's, which builds sparse tensors without saying whether they are to be checked, and is
    warned of that."""

    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        with torch.sparse.check_sparse_tensor_invariants(False):
            loss: float | None = super().step(closure)
        return loss


def make_optimizers(network: nn.Module, recipe: Recipe) -> list[optim.Optimizer]:
    """What moves the trainable parameters of a network.

    - ``sgd``: Robbins & Monro 1951, "A Stochastic Approximation Method";
      ``momentum``: Polyak 1964, "Some methods of speeding up the convergence of iteration methods";
      ``nesterov``: Sutskever et al. 2013, "On the importance of initialization and momentum";
    - ``adagrad``: Duchi et al. 2011, "Adaptive Subgradient Methods";
      ``rmsprop``: Tieleman & Hinton 2012, lecture 6.5;
      ``adadelta``: Zeiler 2012, "ADADELTA: An Adaptive Learning Rate Method";
    - ``adam``: Kingma & Ba 2015, "Adam: A Method for Stochastic Optimization";
      ``adamw``: the same with weight decay, Loshchilov & Hutter 2019;
    - ``ftrl``: :class:`~textdl.training.ftrl.FTRL`.

    With Adam, embeddings with sparse gradients go to an optimizer of their own that leaves the
    moments of untouched rows alone: with 50,000 words the dense update would cost more than the
    network.

    Returns:
        Optimizers whose groups hold, beside torch's keys, ``initial_lr`` and what
        :mod:`textdl.training.penalties` reads: ``decay``, ``l1`` and ``l2``.
    """
    groups = _groups(network, recipe)
    match recipe.optimizer:
        case "sgd":
            return [optim.SGD(groups)]
        case "momentum" | "nesterov":
            nesterov = recipe.optimizer == "nesterov"
            return [optim.SGD(groups, momentum=recipe.momentum, nesterov=nesterov)]
        case "adagrad":
            return [Adagrad(groups)]
        case "rmsprop":
            return [optim.RMSprop(groups)]
        case "adadelta":
            return [optim.Adadelta(groups)]
        case "ftrl":
            return [FTRL(groups)]
        case "adam" | "adamw":
            inside = {id(table.weight) for table in embeddings(network) if table.sparse}
            sparse = _only(groups, inside)
            dense = _only(groups, {id(p) for group in groups for p in group["params"]} - inside)
            optimizers: list[optim.Optimizer] = []
            if dense:
                optimizers.append(optim.Adam(dense))
            if sparse:
                optimizers.append(optim.SparseAdam(sparse))
            return optimizers


def scale_rates(optimizers: list[optim.Optimizer], factor: float) -> None:
    """Set every rate to ``factor`` times what it was in the beginning."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"] * factor


@torch.no_grad()
def decay_weights(optimizers: list[optim.Optimizer]) -> None:
    """Decoupled weight decay (Loshchilov & Hutter 2019, "Decoupled Weight Decay Regularization"),
    of what has a gradient."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            if group["decay"]:
                for p in group["params"]:
                    if p.grad is not None:
                        p.mul_(1 - group["lr"] * group["decay"])


def _groups(network: nn.Module, recipe: Recipe) -> Groups:
    """The trainable parameters, those together that are treated alike."""
    rates: dict[int, float] = {}
    for depth, layer in enumerate(reversed(layers(network))):
        rates |= {id(p): recipe.lr * recipe.layer_decay**depth for p in layer}
    tables = {id(table.weight) for table in embeddings(network)}
    shrunk = {id(p) for p in matrices(network)}
    decay = recipe.weight_decay
    if decay is None:
        decay = ADAMW_DECAY if recipe.optimizer == "adamw" else 0.0
    penalised = shrunk | tables if recipe.optimizer == "ftrl" else shrunk
    groups: dict[tuple[float, ...], list[nn.Parameter]] = {}
    for p in network.parameters():
        if not p.requires_grad:
            continue
        own = recipe.embedding_lr if id(p) in tables else None
        l1, l2 = (recipe.l1, recipe.l2) if id(p) in penalised else (0.0, 0.0)
        key = (own or rates[id(p)], decay if id(p) in shrunk else 0.0, l1, l2)
        groups.setdefault(key, []).append(p)
    return [
        {"params": parameters, "lr": lr, "initial_lr": lr, "decay": decay, "l1": l1, "l2": l2}
        for (lr, decay, l1, l2), parameters in groups.items()
    ]


def _only(groups: Groups, inside: set[int]) -> Groups:
    chosen = [{**g, "params": [p for p in g["params"] if id(p) in inside]} for g in groups]
    return [group for group in chosen if group["params"]]
