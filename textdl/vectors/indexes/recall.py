"""How much of the truth an approximate search finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from textdl.tensors import Tensors
from textdl.vectors.indexes.exact import unit
from textdl.vectors.search import Found, nearest

if TYPE_CHECKING:
    from textdl.vectors.vectors import Vectors

NEAREST = 10

_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class RecallSample:
    """Words, and how near their nearest words are.

    Attributes:
        rows: int64 ``[check]``.
        edges: float32 ``[check]``, the cosine of the tenth nearest other word, or of the last one.
    """

    rows: NDArray[np.int64]
    edges: NDArray[np.float32]

    @classmethod
    def draw(cls, vectors: Vectors, check: int, seed: int) -> RecallSample:
        """Compare ``check`` random words with all."""
        some = np.flatnonzero(vectors.norms > 0)
        if len(vectors) < 2 or not len(some):
            return cls(np.zeros(0, np.int64), np.zeros(0, np.float32))
        rows = np.sort(np.random.default_rng(seed).permutation(some)[:check])
        own: list[list[int]] = rows[:, None].tolist()
        _, scores = nearest(vectors, unit(vectors.rows(rows)), NEAREST, skip=own)
        return cls(rows, scores[:, min(NEAREST, len(vectors) - 1) - 1])

    @classmethod
    def restore(cls, vectors: Vectors, tensors: Tensors) -> RecallSample:
        """What :meth:`tensors` saved.

        Raises:
            KeyError, ValueError: something is missing or damaged.
        """
        sample = cls(tensors["check.rows"], tensors["check.edges"])
        if sample.rows.shape != sample.edges.shape or sample.rows.ndim != 1:
            raise ValueError("the words that were checked are incomplete")
        if len(sample.rows) and not 0 <= sample.rows.min() <= sample.rows.max() < len(vectors):
            raise ValueError("words that are not there were checked")
        return sample

    def tensors(self) -> Tensors:
        """Arrays that :meth:`restore` takes."""
        return {"check.rows": self.rows, "check.edges": self.edges}

    def recall(
        self, vectors: Vectors, search: Callable[[NDArray[np.float32], int], Found]
    ) -> float | None:
        """The share of the nearest words that ``search(queries, top)`` finds; None of no words."""
        if not len(self.rows):
            return None
        found = search(vectors.rows(self.rows), NEAREST + 1)
        _, scores = without(*found, self.rows)
        nearest = min(NEAREST, len(vectors) - 1)
        hits = (scores >= self.edges[:, None] - _ROUNDING).sum(axis=1)
        return float(np.minimum(hits, nearest).mean() / nearest)


def without(rows: NDArray[np.int64], scores: NDArray[np.float32], own: NDArray[np.int64]) -> Found:
    """Answers less one place: less row ``own[i]`` in answer ``i``, or less the last place."""
    order = np.argsort(rows == own[:, None], axis=1, kind="stable")[:, :-1]
    return np.take_along_axis(rows, order, axis=1), np.take_along_axis(scores, order, axis=1)
