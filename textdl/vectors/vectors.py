"""Word vectors in memory or on disk."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.packed import PackedStrings
from textdl.vectors.composition import Composition
from textdl.vectors.formats import native
from textdl.vectors.neighbors import Neighbors, top_indices

Default = TypeVar("Default")


class UnknownWordError(InputError, KeyError):
    """A word has no vector."""

    def __str__(self) -> str:  # KeyError would print the message's repr.
        return str(self.args[0])


class Vectors:
    """Words and their vectors; immutable.

    >>> vectors = Vectors(["good", "fine", "bad"], [[1, 0.1], [1, 0.2], [-1, 0]])
    >>> vectors.neighbors("good", top=1)
    fine   0.9952

    Args:
        words: distinct words, in the order of the rows.
        matrix: float32 ``[len(words), dim]``.
        counts: int64 ``[len(words)]``, how often each word was seen; optional.
        info: JSON that says where the vectors come from.
        composition: how words without a row get a vector; without it they have none.
        context: float32 ``[len(words), dim]``, the vectors of the words as context, with which
            training can go on; optional.
    """

    def __init__(
        self,
        words: PackedStrings | Iterable[str],
        matrix: Any,
        counts: NDArray[np.int64] | None = None,
        info: dict[str, Any] | None = None,
        *,
        composition: Composition | None = None,
        context: NDArray[np.float32] | None = None,
    ) -> None:
        self.words = words if isinstance(words, PackedStrings) else PackedStrings.pack(words)
        self.matrix: NDArray[np.float32] = np.asarray(matrix, np.float32)
        self.counts = counts
        self.info = info or {}
        self.composition = composition
        self.context = context
        if self.matrix.ndim != 2 or len(self.matrix) != len(self.words):
            raise ValueError(
                f"{len(self.words)} words need a matrix of as many rows, "
                f"not one of shape {self.matrix.shape}"
            )

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        return int(self.matrix.shape[1])

    @cached_property
    def norms(self) -> NDArray[np.float32]:
        """The Euclidean length of every vector, float32 ``[len(self)]``."""
        blocks = (self.matrix[i : i + 65536] for i in range(0, len(self), 65536))
        norms = [np.sqrt(np.einsum("ij,ij->i", block, block)) for block in blocks]
        return np.concatenate(norms) if norms else np.zeros(0, np.float32)

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.words

    def __repr__(self) -> str:
        return f"Vectors({len(self):,} words, dim {self.dim})"

    def index(self, word: str) -> int:
        """The row of ``word``.

        Raises:
            UnknownWordError: it has none; the message names words spelled like it.
        """
        row = self.words.find(word)
        if row < 0:
            raise self._unknown(word)
        return row

    @overload
    def __getitem__(self, words: str) -> NDArray[np.float32]: ...
    @overload
    def __getitem__(self, words: Sequence[str]) -> NDArray[np.float32]: ...
    def __getitem__(self, words: str | Sequence[str]) -> NDArray[np.float32]:
        """The vector of a word ``[dim]``, or of several ``[len(words), dim]``.

        Raises:
            UnknownWordError: a word has no vector.
        """
        if isinstance(words, str):
            return self._vector(words)
        rows = self._rows(words)
        if min(rows, default=0) >= 0:
            return self.matrix[rows]
        return np.stack([self._vector(word) for word in words])

    def get(self, word: str, default: Default) -> NDArray[np.float32] | Default:
        """The vector of ``word``, or ``default``."""
        vector = self._find(word)
        return default if vector is None else vector

    def similarity(self, a: str, b: str) -> float:
        """The cosine of the angle between two words' vectors.

        Raises:
            UnknownWordError: a word has no vector.
        """
        return float(self._unit(a) @ self._unit(b))

    def neighbors(
        self,
        positive: str | Sequence[str] = (),
        negative: str | Sequence[str] = (),
        *,
        top: int = 10,
    ) -> Neighbors:
        """The words whose vectors point most nearly where the mean of the unit vectors of
        ``positive``, and of ``negative`` turned round, points. The given words are left out.

        Raises:
            InputError: no word is given.
            UnknownWordError: a word has no vector.
        """
        plus = [positive] if isinstance(positive, str) else list(positive)
        minus = [negative] if isinstance(negative, str) else list(negative)
        if not plus and not minus:
            raise InputError("neighbors of what? Give at least one word")
        query = np.zeros(self.dim, np.float32)
        for sign, words in ((1, plus), (-1, minus)):
            for word in words:
                query += sign * self._unit(word)
        query /= np.linalg.norm(query) or 1
        scores = self.matrix @ query
        np.divide(scores, self.norms, out=scores, where=self.norms > 0)
        given = {row for row in self._rows(plus + minus) if row >= 0}
        scores[list(given)] = -np.inf
        rows = top_indices(scores, min(top, len(self) - len(given)))
        return Neighbors([self.words[row] for row in rows.tolist()], scores[rows])

    def analogy(self, a: str, b: str, c: str, *, top: int = 10) -> Neighbors:
        """``a`` is to ``b`` as ``c`` is to what? By vector offset: the neighbours of b - a + c
        (Mikolov, Yih & Zweig 2013, "Linguistic Regularities in Continuous Space Word
        Representations").

        Raises:
            UnknownWordError: a word has no vector.
        """
        return self.neighbors([b, c], [a], top=top)

    def _rows(self, words: Sequence[str]) -> list[int]:
        return [self.words.find(word) for word in words]

    def _find(self, word: str) -> NDArray[np.float32] | None:
        row = self.words.find(word)
        if row >= 0:
            found: NDArray[np.float32] = self.matrix[row]
            return found
        if self.composition is None:
            return None
        return self.composition.compose(word, self.words.find, self.matrix)

    def _vector(self, word: str) -> NDArray[np.float32]:
        vector = self._find(word)
        if vector is None:
            raise self._unknown(word)
        return vector

    def _unit(self, word: str) -> NDArray[np.float32]:
        vector = self._vector(word)
        return np.asarray(vector / (np.linalg.norm(vector) or 1), np.float32)

    def _unknown(self, word: str) -> UnknownWordError:
        # Frequent words come first: a misspelling is most likely one of them.
        near = difflib.get_close_matches(word, islice(self.words, 50_000), n=3)
        hint = f": did you mean {' or '.join(map(repr, near))}?" if near else ""
        return UnknownWordError(f"no vector for {word!r}{hint}")

    def save(self, folder: str | Path) -> None:
        """Write ``vectors.safetensors`` and ``vectors.json`` into ``folder``."""
        native.write(self, Path(folder))

    @classmethod
    def load(cls, folder: str | Path) -> Vectors:
        """Open saved vectors, memory-mapped.

        Raises:
            InputError: the folder holds no vectors, or damaged ones.
        """
        return native.read(Path(folder))
