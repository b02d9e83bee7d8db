"""The answers to questions for similar words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

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

    @overload
    def __getitem__(self, i: int) -> tuple[str, float]: ...
    @overload
    def __getitem__(self, i: slice) -> Neighbors: ...
    def __getitem__(self, i: int | slice) -> tuple[str, float] | Neighbors:
        if isinstance(i, slice):
            return Neighbors(self.words[i], self.scores[i])
        return self.words[i], float(self.scores[i])

    def __repr__(self) -> str:
        width = max(map(len, self.words), default=0)
        return "\n".join(f"{word:<{width}}  {score: .4f}" for word, score in self)


class Answers(Sequence[Neighbors]):
    """The answers to many questions, which were asked together.

    Args:
        asked: what each is the answer to.
        words: the words of the vectors.
        rows: int64 ``[len(asked), top]``, the best first; -1 where there are no more.
        scores: float32 ``[len(asked), top]``.
    """

    def __init__(
        self,
        asked: Sequence[str],
        words: Sequence[str],
        rows: NDArray[np.int64],
        scores: NDArray[np.float32],
    ) -> None:
        self.asked = asked
        self.rows = rows
        self.scores = scores
        self._words = words

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, i: int) -> Neighbors: ...
    @overload
    def __getitem__(self, i: slice) -> Answers: ...
    def __getitem__(self, i: int | slice) -> Neighbors | Answers:
        if isinstance(i, slice):
            return Answers(self.asked[i], self._words, self.rows[i], self.scores[i])
        found = self.rows[i] >= 0
        return Neighbors(
            [self._words[row] for row in self.rows[i][found].tolist()], self.scores[i][found]
        )

    def __repr__(self) -> str:
        shown = []
        for asked, answer in zip(self.asked[:20], self[:20], strict=True):
            shown += [asked, *(f"  {line}" for line in repr(answer).splitlines())]
        more = [f"… and {len(self) - 20:,} more"] if len(self) > 20 else []
        return "\n".join(shown + more)
