"""Vectors of words as means of the vectors of their BPE pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from textdl.text.tokenizers import BpeTokenizer, Tokenizer, tokenizer_from_settings


class PieceComposition:
    """The vector of a string is the mean over its pieces (Heinzerling & Strube 2018, "BPEmb").

    The mean, not the sum: its length does not grow with the number of pieces, so that long words
    compare with short ones by any measure; the cosine is the same for both.

    Args:
        tokenizer: cuts strings as the training text was cut; its dropout is not applied.
        words: the words of the vectors, if they are to be checked now.

    Raises:
        ValueError: ``words`` are not exactly the tokenizer's pieces.
    """

    kind: ClassVar[str] = "pieces"

    def __init__(self, tokenizer: BpeTokenizer, words: Iterable[str] | None = None) -> None:
        self.tokenizer = tokenizer
        self._cut = replace(tokenizer, dropout=0.0)
        if words is not None:
            self.check(words)

    def check(self, words: Iterable[str]) -> None:
        """Assert that the words of the vectors are the tokenizer's pieces.

        Raises:
            ValueError: they are not.
        """
        rows, pieces = list(words), self.tokenizer.pieces
        different = set(pieces) ^ set(rows)
        if different or len(rows) != len(pieces):
            example = f", such as {min(different)!r}" if different else ""
            raise ValueError(
                f"the tokenizer has {len(pieces)} pieces and the vectors {len(rows)} words, "
                f"{len(different)} of them not in both{example}: they don't belong together"
            )

    def compose(
        self, word: str, find: Callable[[str], int], matrix: NDArray[np.float32]
    ) -> NDArray[np.float32] | None:
        """The mean of the rows of the pieces, float32 ``[dim]``; None if none is known.

        Raises:
            ValueError: there are not as many rows as pieces.
        """
        if len(matrix) != len(self.tokenizer.pieces):
            pieces = len(self.tokenizer.pieces)
            raise ValueError(f"{pieces} pieces need as many vectors, not {len(matrix)}")
        rows = [row for row in map(find, self._cut(word)) if row >= 0]
        return np.asarray(matrix[rows].mean(0), np.float32) if rows else None

    def narrowed(self, rows: NDArray[np.int64]) -> PieceComposition | None:
        """None unless all pieces stay where they are: strings are made of any of them."""
        every = np.array_equal(rows, np.arange(len(self.tokenizer.pieces)))
        return self if every else None

    def settings(self) -> dict[str, Any]:
        return self.tokenizer.settings()

    def tensors(self) -> dict[str, NDArray[Any]]:
        return {}

    @classmethod
    def restore(
        cls, settings: dict[str, Any], tensors: dict[str, NDArray[Any]]
    ) -> PieceComposition:
        tokenizer = tokenizer_from_settings(settings)
        if not isinstance(tokenizer, BpeTokenizer):
            raise ValueError(f"a tokenizer of kind {settings.get('kind')!r} has no pieces")
        return cls(tokenizer)


def piece_composition(tokenizer: Tokenizer, words: Sequence[str]) -> PieceComposition | None:
    """How new vectors of ``words`` make vectors of strings.

    None if the words are no BPE pieces, or if pieces too rare to be trained have no vector.

    Raises:
        ValueError: some words are not pieces of the BPE tokenizer.
    """
    if not isinstance(tokenizer, BpeTokenizer):
        return None
    if len(words) < len(tokenizer.pieces) and set(words) <= set(tokenizer.pieces):
        return None
    return PieceComposition(tokenizer, words)
