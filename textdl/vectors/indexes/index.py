"""An index: the nearest of many words in a fraction of the time, most of them the right ones."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Self, overload

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.tensors import save_tensors
from textdl.vectors.indexes import faiss_structure
from textdl.vectors.indexes.exact import score_candidates, unit
from textdl.vectors.indexes.recall import NEAREST, RecallSample, without
from textdl.vectors.indexes.structure import Settings, Structure, changed
from textdl.vectors.neighbors import Answers, Neighbors
from textdl.vectors.search import Found, check_top
from textdl.vectors.vectors import Vectors

FILE = "index.safetensors"

_FINGERPRINT = 4096  # rows


class Index:
    """Finds the words nearest to a vector among candidates; their cosines are exact.

    Attributes:
        vectors: what is searched.
        kind: ``hnsw``, ``ivf``, ``lsh`` or ``exact``.
        settings: the kind's settings.
        recall: the share of the ten nearest other words that is found, over ``check`` random words
            with a vector that is not zero. A word as near as the tenth nearest counts, so that ties
            cost nothing. None if none was checked.
    """

    def __init__(
        self,
        vectors: Vectors,
        kind: str,
        settings: Settings,
        structure: Structure,
        sample: RecallSample,
        recall: float | None = None,
    ) -> None:
        self.vectors = vectors
        self.kind = kind
        self.settings = settings
        self._structure = structure
        self._sample = sample
        self.recall = sample.recall(vectors, self.search) if recall is None else recall

    def __repr__(self) -> str:
        settings = "".join(f", {name}={value}" for name, value in self.settings.items())
        recall = "" if self.recall is None else f", recall@{NEAREST} {self.recall:.3f}"
        return f"Index({self.kind}, {len(self.vectors):,} words{settings}{recall})"

    def search(self, queries: NDArray[np.float32], top: int) -> Found:
        """The rows nearest to vectors of any length, float32 ``[q, dim]``.

        Returns:
            rows int64 ``[q, top]``, the nearest first, and cosines float32 ``[q, top]``; -1 and
            -inf where fewer were found.

        Raises:
            InputError: ``top`` is no number of rows, or a query no vector of ``dim`` numbers.
        """
        queries = np.asarray(queries, np.float32)
        check_top(top)
        if queries.ndim != 2 or queries.shape[1] != self.vectors.dim:
            raise InputError(
                f"queries must be of shape [number, {self.vectors.dim}], not {list(queries.shape)}"
            )
        bad = np.flatnonzero(~np.isfinite(queries).all(axis=1))
        if len(bad):
            raise InputError(f"query {bad[0]} holds nan or infinity: look where it comes from")
        queries, limit = unit(queries), min(top, len(self.vectors))
        candidates = self._structure.candidates(queries, limit, self.settings)
        found, cosines = score_candidates(self.vectors, queries, candidates, limit)
        missing = (0, 0), (0, top - limit)
        rows = np.pad(found, missing, constant_values=-1)
        return rows, np.pad(cosines, missing, constant_values=-np.inf)

    @overload
    def neighbors(self, words: str, *, top: int = 10) -> Neighbors: ...
    @overload
    def neighbors(self, words: list[str], *, top: int = 10) -> Answers: ...
    @overload
    def neighbors(self, words: NDArray[Any], *, top: int = 10) -> Neighbors | Answers: ...
    def neighbors(
        self, words: str | list[str] | NDArray[Any], *, top: int = 10
    ) -> Neighbors | Answers:
        """The words nearest to a word or a vector ``[dim]``; or to each of many, a list or
        ``[q, dim]``. A given word is left out of its answer.

        Raises:
            InputError: ``top`` is no number of words, or a vector not one of ``dim`` numbers.
            UnknownWordError: a word has no vector.
        """
        check_top(top)
        known = self.vectors.words
        top = min(top, len(known))
        if isinstance(words, np.ndarray):
            queries = np.atleast_2d(words)
            answers = Answers([""] * len(queries), known, *self.search(queries, top))
            return answers[0] if words.ndim == 1 else answers
        asked = [words] if isinstance(words, str) else words
        own = np.array([known.find(word) for word in asked], np.int64)
        answers = Answers(asked, known, *without(*self.search(self.vectors[asked], top + 1), own))
        return answers[0] if isinstance(words, str) else answers

    def tuned(
        self,
        *,
        ef_search: int | None = None,
        nprobe: int | None = None,
        candidates: int | None = None,
    ) -> Self:
        """The same index searched more, or less, thoroughly; its recall is measured again.

        Raises:
            InputError: a setting is below 1, or not one of this kind.
        """
        given = {"ef_search": ef_search, "nprobe": nprobe, "candidates": candidates}
        settings = changed(self.kind, self.settings, given)
        return type(self)(self.vectors, self.kind, settings, self._structure, self._sample)

    def save(self, folder: str | Path) -> None:
        """Write ``index.safetensors``, and ``index.faiss`` if faiss keeps it, into ``folder``."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        tensors = self._structure.save(folder) | self._sample.tensors()
        description = {
            "kind": self.kind,
            "settings": self.settings,
            "recall": self.recall,
            "vectors": fingerprint(self.vectors),
        }
        save_tensors(folder / FILE, tensors, {"index": json.dumps(description)})
        if "faiss.sha256" not in tensors:
            (folder / faiss_structure.FILE).unlink(missing_ok=True)


def fingerprint(vectors: Vectors) -> str:
    """The shape and some rows of the matrix as one digest; all rows of a long one would take
    seconds to read."""
    rows = np.linspace(0, len(vectors) - 1, min(len(vectors), _FINGERPRINT)).astype(np.int64)
    sample = np.ascontiguousarray(vectors.rows(rows), "<f4")
    return hashlib.sha256(repr((len(vectors), vectors.dim)).encode() + sample.tobytes()).hexdigest()
