"""Word vectors in memory or on disk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, get_args, overload

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.packed import PackedStrings
from textdl.vectors.composition import Composition
from textdl.vectors.formats import native
from textdl.vectors.operations import Operations
from textdl.vectors.questions import Questions
from textdl.vectors.storage import Dtype, decode, encode
from textdl.vectors.unknown import (
    POLICIES,
    Unknown,
    UnknownWordError,
    kept_policy,
    stand_in,
    unknown_word,
)

__all__ = ["UnknownWordError", "Vectors"]

Default = TypeVar("Default")


class Vectors(Questions, Operations):
    """Words and their vectors; immutable.

    What can be asked of them is in :class:`Questions`, what can be made of them in
    :class:`Operations`.

    >>> vectors = Vectors(["good", "fine", "bad"], [[1, 0.1], [1, 0.2], [-1, 0]])
    >>> vectors.neighbors("good", top=1)
    fine   0.9952
    >>> "fine" in vectors, len(vectors), vectors.dim
    (True, 3, 2)

    Args:
        words: distinct words, in the order of the rows.
        matrix: ``[len(words), dim]``; float32 or float16 as it is, int8 with ``scales``, anything
            else becomes float32.
        counts: int64 ``[len(words)]``, how often each word was seen; optional.
        info: JSON that says where the vectors come from.
        scales: float32 ``[len(words)]``, what the rows of an int8 matrix are multiplied with.
        composition: how words without a row get a vector; without it they have none.
        context: float32 ``[len(words), dim]``, the vectors of the words as context, with which
            training can go on; optional.
        unknown: what words without a vector get, see :meth:`with_unknown`.

    Attributes:
        stored: the matrix in the type in which it is kept.
    """

    def __init__(
        self,
        words: PackedStrings | Iterable[str],
        matrix: Any,
        counts: NDArray[np.int64] | None = None,
        info: dict[str, Any] | None = None,
        *,
        scales: NDArray[np.float32] | None = None,
        composition: Composition | None = None,
        context: NDArray[np.float32] | None = None,
        unknown: Unknown | None = None,
    ) -> None:
        self.words = words if isinstance(words, PackedStrings) else PackedStrings.pack(words)
        stored = np.asarray(matrix)
        if scales is None and stored.dtype != np.float16:
            stored = np.asarray(stored, np.float32)
        self.stored: NDArray[Any] = _read_only(stored)
        self.scales = scales
        self.counts = counts
        self.info = info or {}
        self.composition = composition
        self.context = context
        self.unknown: Unknown = unknown or ("error" if composition is None else "subword")
        if self.unknown == "subword" and composition is None:
            raise InputError("unknown='subword': vectors without a composition have no parts")
        if stored.ndim != 2 or len(stored) != len(self.words):
            raise ValueError(
                f"{len(self.words)} words need a matrix of as many rows, "
                f"not one of shape {stored.shape}"
            )

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        return int(self.stored.shape[1])

    @cached_property
    def matrix(self) -> NDArray[np.float32]:
        """All vectors, float32 ``[len(self), dim]``. Of smaller stored numbers, this makes a copy
        in float32, which stays in memory: :meth:`rows` decodes only what is asked for."""
        return _read_only(decode(self.stored, self.scales))

    def rows(self, rows: Any) -> NDArray[np.float32]:
        """Some vectors by position (a slice, or indices), float32 ``[rows, dim]``."""
        return decode(self.stored[rows], None if self.scales is None else self.scales[rows])

    @cached_property
    def norms(self) -> NDArray[np.float32]:
        """The Euclidean length of every vector, float32 ``[len(self)]``."""
        blocks = (self.rows(slice(i, i + 65536)) for i in range(0, len(self), 65536))
        norms = [np.sqrt(np.einsum("ij,ij->i", block, block)) for block in blocks]
        return np.concatenate(norms) if norms else np.zeros(0, np.float32)

    @cached_property
    def inverse_norms(self) -> NDArray[np.float32]:
        """One over each length, and 0 for a vector of zeros, float32 ``[len(self)]``."""
        inverse = np.zeros(len(self), np.float32)
        np.divide(1, self.norms, out=inverse, where=self.norms > 0)
        return inverse

    @cached_property
    def mean_vector(self) -> NDArray[np.float32]:
        """The mean of all vectors, float32 ``[dim]``."""
        blocks = (self.rows(slice(i, i + 65536)) for i in range(0, len(self), 65536))
        total = sum((block.sum(0, dtype=np.float64) for block in blocks), np.zeros(self.dim))
        return _read_only(np.asarray(total / max(len(self), 1), np.float32))

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.words

    def __repr__(self) -> str:
        small = "" if self.stored.dtype == np.float32 else f", {self.stored.dtype}"
        return f"Vectors({len(self):,} words, dim {self.dim}{small})"

    def row(self, word: str) -> int:
        """The row of ``word``.

        Raises:
            UnknownWordError: it has none; the message names words spelled like it.
        """
        row = self.words.find(word)
        if row < 0:
            raise unknown_word(self, word)
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
        if isinstance(words, int | np.integer):
            # A KeyError, so that numpy puts vectors into an array as one object, as
            # scikit-learn's searches do.
            raise UnknownWordError(f"row {words}: vectors are asked for by word; see rows()")
        if not all(isinstance(word, str) for word in words):
            raise InputError(f"vectors are asked for by words, not by {words!r:.60}; see rows()")
        found = self.words.find_all(words)
        if found.min(initial=0) >= 0:
            return self.rows(found)
        return np.stack([self._vector(word) for word in words])

    def get(self, word: str, default: Default) -> NDArray[np.float32] | Default:
        """The vector of ``word``, or ``default``."""
        vector = self._find(word)
        return default if vector is None else vector

    def with_unknown(self, policy: Unknown) -> Vectors:
        """The same vectors with another answer for words that have none.

        Args:
            policy: ``error`` names words of similar spelling; ``zero``: zeros; ``mean``: the mean
                of all vectors; ``subword``: composed of the word's parts, if the vectors have such;
                ``nearest``: the vector of the most similarly spelled of the 50,000 most frequent
                words; or a function from the word to a vector.

        Raises:
            InputError: there is no such policy, or ``subword``, and the vectors have no parts of
                words.
        """
        if policy not in POLICIES and not callable(policy):
            listed = ", ".join(POLICIES)
            raise InputError(f"unknown={policy!r}: there are {listed}; or give a function")
        if policy == "subword" and self.composition is None:
            raise InputError(
                "unknown='subword': these vectors have no parts of words. Vectors of fastText "
                "(.bin) and of BPE pieces have"
            )
        return self._with(unknown=policy)

    def take(self, rows: NDArray[np.int64]) -> Vectors:
        """The words at some positions, in that order."""
        return self._with(
            words=self.words.take(rows),
            matrix=self.stored[rows],
            scales=None if self.scales is None else self.scales[rows],
            counts=None if self.counts is None else self.counts[rows],
            context=None if self.context is None else self.context[rows],
            composition=None if self.composition is None else self.composition.narrowed(rows),
        )

    def quantize(self, dtype: Dtype = "int8") -> Vectors:
        """The same with smaller numbers: ``float16``, or ``int8`` with a scale for each row.

        Raises:
            InputError: there is no such type, or ``float16`` can't hold one of the numbers.
        """
        if dtype not in get_args(Dtype):
            raise InputError(f"dtype {dtype!r}: there are {', '.join(get_args(Dtype))}")
        stored = np.empty(self.stored.shape, dtype)
        scales = np.empty(len(self), np.float32) if dtype == "int8" else None
        for start in range(0, len(self), 1 << 14):
            part = slice(start, start + (1 << 14))
            stored[part], scale = encode(self.rows(part), dtype)
            if scales is not None:
                scales[part] = scale
        return self._with(matrix=stored, scales=scales)

    def normalized(self) -> Vectors:
        """The same, every row one long; what is composed for a word without a row keeps its
        length."""
        matrix = np.empty(self.stored.shape, np.float32)
        for start in range(0, len(self), 1 << 14):
            part = slice(start, start + (1 << 14))
            np.multiply(self.rows(part), self.inverse_norms[part, None], out=matrix[part])
        return self._with(matrix=matrix, scales=None, context=None)

    def _with(self, **changed: Any) -> Vectors:
        composition = changed.get("composition", self.composition)
        kept = {
            "words": self.words, "matrix": self.stored, "counts": self.counts, "info": self.info,
            "scales": self.scales, "composition": self.composition, "context": self.context,
            "unknown": kept_policy(self.unknown, composition),
        }  # fmt: skip
        return Vectors(**kept | changed)

    def _find(self, word: str) -> NDArray[np.float32] | None:
        row = self.words.find(word)
        return stand_in(self, word) if row < 0 else self.rows(row)

    def _vector(self, word: str) -> NDArray[np.float32]:
        vector = self._find(word)
        if vector is None:
            raise unknown_word(self, word)
        return vector

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


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    """A view that nobody writes through."""
    view = array.view()
    view.flags.writeable = False
    return view
