"""The answer to a question for similar words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Neighbors:
    """Words and how similar they are, the most similar first.

    Iterates as ``(word, score)``, prints as a table.

    Attributes:
        words: the neighbours.
        scores: float32 ``[len(words)]``, cosine similarities.
    """

    words: list[str]
    scores: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[tuple[str, float]]:
        return zip(self.words, self.scores.tolist(), strict=True)

    def __getitem__(self, i: int) -> tuple[str, float]:
        return self.words[i], float(self.scores[i])

    def __repr__(self) -> str:
        width = max(map(len, self.words), default=0)
        return "\n".join(f"{word:<{width}}  {score: .4f}" for word, score in self)


def top_indices(scores: NDArray[np.float32], top: int) -> NDArray[np.int64]:
    """Where the ``top`` highest scores are, highest first, of equal ones the first first."""
    top = min(top, len(scores))
    if top <= 0:
        return np.zeros(0, np.int64)
    # Everything that ties with the last place, so that ties are cut by position.
    edge = np.partition(scores, len(scores) - top)[len(scores) - top]
    found = np.flatnonzero(scores >= edge)
    return found[np.argsort(-scores[found], kind="stable")][:top]
