"""Word vectors in memory or on disk."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.packed import PackedStrings
from textdl.tensors import open_tensors, save_tensors
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
    """

    def __init__(
        self,
        words: PackedStrings | Iterable[str],
        matrix: Any,
        counts: NDArray[np.int64] | None = None,
        info: dict[str, Any] | None = None,
    ) -> None:
        self.words = words if isinstance(words, PackedStrings) else PackedStrings.pack(words)
        self.matrix: NDArray[np.float32] = np.asarray(matrix, np.float32)
        self.counts = counts
        self.info = info or {}
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
            # Frequent words come first: a misspelling is most likely one of them.
            near = difflib.get_close_matches(word, islice(self.words, 50_000), n=3)
            hint = f": did you mean {' or '.join(map(repr, near))}?" if near else ""
            raise UnknownWordError(f"no vector for {word!r}{hint}")
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
            vector: NDArray[np.float32] = self.matrix[self.index(words)]
            return vector
        return self.matrix[[self.index(word) for word in words]]

    def get(self, word: str, default: Default) -> NDArray[np.float32] | Default:
        """The vector of ``word``, or ``default``."""
        row = self.words.find(word)
        return default if row < 0 else self.matrix[row]

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
        scores[[self.index(word) for word in plus + minus]] = -np.inf
        rows = top_indices(scores, min(top, len(self) - len({*plus, *minus})))
        return Neighbors([self.words[row] for row in rows.tolist()], scores[rows])

    def analogy(self, a: str, b: str, c: str, *, top: int = 10) -> Neighbors:
        """``a`` is to ``b`` as ``c`` is to what? By vector offset: the neighbours of b - a + c
        (Mikolov, Yih & Zweig 2013, "Linguistic Regularities in Continuous Space Word
        Representations").

        Raises:
            UnknownWordError: a word has no vector.
        """
        return self.neighbors([b, c], [a], top=top)

    def _unit(self, word: str) -> NDArray[np.float32]:
        row = self.index(word)
        length = float(self.norms[row])
        return np.asarray(self.matrix[row] / (length or 1), np.float32)

    def save(self, folder: str | Path) -> None:
        """Write ``vectors.safetensors`` and ``vectors.json`` into ``folder``."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        tensors: dict[str, NDArray[Any]] = {
            "vectors": self.matrix,
            "norms": self.norms,
            "words.data": self.words.data,
            "words.offsets": self.words.offsets,
            "words.order": self.words.order,
        }
        if self.counts is not None:
            tensors["counts"] = self.counts
        save_tensors(folder / "vectors.safetensors", tensors)
        text = json.dumps(self.info, ensure_ascii=False, indent=1)
        (folder / "vectors.json").write_text(text, "utf-8")

    @classmethod
    def load(cls, folder: str | Path) -> Vectors:
        """Open saved vectors, memory-mapped.

        Raises:
            InputError: the folder holds no vectors, or damaged ones.
        """
        folder = Path(folder)
        tensors: dict[str, NDArray[Any]]
        tensors, _ = open_tensors(folder / "vectors.safetensors")
        try:
            words = PackedStrings(
                tensors["words.data"], tensors["words.offsets"], tensors["words.order"]
            )
            info = json.loads((folder / "vectors.json").read_text("utf-8"))
            vectors = cls(words, tensors["vectors"], tensors.get("counts"), info)
            vectors.norms = tensors["norms"]
        except (OSError, KeyError, ValueError) as error:
            raise InputError(f"{folder}: not a complete folder of vectors ({error})") from error
        return vectors
