from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from textdl.training.batches import Batches


def make_batches(
    documents: Sequence[Sequence[int]], labels: Sequence[int] | None = None, **options
):
    offsets = np.cumsum([0, *map(len, documents)])
    tokens = np.concatenate([np.zeros(0, np.int32), *(np.array(d, np.int32) for d in documents)])
    given = None if labels is None else np.array(labels, np.int32)
    return Batches(tokens, offsets, np.arange(len(documents)), given, **options)


def make_task(n: int, seed: int, words: int = 50, **options) -> Batches:
    """Documents of class 1 contain the word 2, the others the word 3."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, n)
    documents = [
        random.permutation([*random.integers(4, words, random.integers(0, 12)), 3 - label])
        for label in labels
    ]
    return make_batches(documents, labels.tolist(), **options)


class MeanNetwork(nn.Module):
    """A small network with what the loop has to deal with: a sparse embedding, a frozen one,
    dropout and a dense layer."""

    def __init__(self, words: int = 50, dim: int = 8, classes: int = 2) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, dim, padding_idx=0, sparse=True)
        self.frozen = nn.Embedding(words, dim, padding_idx=0).requires_grad_(False)
        self.dropout = nn.Dropout(0.3)
        self.output = nn.Linear(dim, classes)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        vectors = self.embedding(ids) + self.frozen(ids)
        mean = vectors.sum(1) / lengths.clamp_min(1)[:, None]
        return self.output(self.dropout(mean))


def make_network(kind: type[MeanNetwork] = MeanNetwork) -> MeanNetwork:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return kind()


class Notes:
    """A Progress that remembers."""

    def __init__(self) -> None:
        self.updates: list[tuple[float, float, str, dict[str, float]]] = []
        self.notes: list[str] = []

    def update(self, done: float, total: float, unit: str, **facts: float) -> None:
        self.updates.append((done, total, unit, facts))

    def note(self, text: str) -> None:
        self.notes.append(text)
