"""Optimizers: Adam, which for embeddings updates only the rows that a batch has touched."""

from __future__ import annotations

from torch import nn, optim


def adam(network: nn.Module, lr: float) -> list[optim.Optimizer]:
    """Adam (Kingma & Ba 2015, "Adam: A Method for Stochastic Optimization") for the trainable
    parameters of a network.

    Embeddings with sparse gradients go to an optimizer of their own that leaves the moments of
    untouched rows alone: with 50,000 words the dense update would cost more than the network.
    """
    embeddings = [m.weight for m in network.modules() if isinstance(m, nn.Embedding) and m.sparse]
    sparse = [p for p in embeddings if p.requires_grad]
    inside = {id(p) for p in sparse}
    dense = [p for p in network.parameters() if p.requires_grad and id(p) not in inside]
    optimizers: list[optim.Optimizer] = []
    if dense:
        optimizers.append(optim.Adam(dense, lr=lr))
    if sparse:
        optimizers.append(optim.SparseAdam(sparse, lr=lr))
    return optimizers
