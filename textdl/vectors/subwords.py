"""Vectors of words as means of the vectors of their parts: fastText and floret."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from textdl.packed import PackedStrings
from textdl.threads import Threads
from textdl.vectors.ngrams import Ngrams


class SubwordComposition:
    """The vector of a word is the mean over its hashed n-grams and, in fastText, its own row.

    Args:
        ngrams: which rows belong to a word.
        buckets: float32 ``[ngrams.bucket, dim]``, the vectors of n-grams.
        word_rows: float32 ``[words, dim]``, what was trained for known words beside their n-grams;
            None in floret, where buckets hold whole words too.
    """

    kind: ClassVar[str] = "subwords"

    def __init__(
        self,
        ngrams: Ngrams,
        buckets: NDArray[np.float32],
        word_rows: NDArray[np.float32] | None = None,
    ) -> None:
        if len(buckets) != ngrams.bucket:
            raise ValueError(f"{ngrams.bucket} buckets need as many rows, not {len(buckets)}")
        if word_rows is not None and ngrams.mode == "floret":
            raise ValueError("floret has no rows for words")
        self.ngrams = ngrams
        self.buckets = buckets
        self.word_rows = word_rows

    def compose(
        self, word: str, find: Callable[[str], int], matrix: NDArray[np.float32]
    ) -> NDArray[np.float32] | None:
        """The mean of the rows of the word's n-grams, float32 ``[dim]``. As in fastText and gensim
        zeros for a word too short to have any; None if no word has any."""
        if not self.ngrams.has_rows:
            return None
        return mean_rows(self.buckets, *self.ngrams.rows([word])).reshape(-1)

    def compose_all(self, words: PackedStrings) -> NDArray[np.float32]:
        """The vectors of all known words, float32 ``[words, dim]``, in the order of
        ``word_rows``."""
        if self.word_rows is not None and len(self.word_rows) != len(words):
            raise ValueError(f"{len(words)} words and {len(self.word_rows)} rows of words")
        composed = np.zeros((len(words), self.buckets.shape[1]), np.float32)
        mean = _mean_compiled if len(words) >= 20_000 else mean_rows

        def compose(piece: tuple[int, NDArray[np.int32], NDArray[np.int64]]) -> None:
            begin, rows, offsets = piece
            end = begin + len(offsets) - 1
            own = None if self.word_rows is None else self.word_rows[begin:end]
            composed[begin:end] = mean(self.buckets, rows, offsets, own)

        def pieces() -> Iterator[tuple[int, NDArray[np.int32], NDArray[np.int64]]]:
            start = 0
            for rows, offsets in self.ngrams.blocks(words):
                yield start, rows, offsets
                start += len(offsets) - 1

        with Threads(None if len(words) >= 20_000 else 1) as threads:
            for _ in threads.map(compose, pieces()):
                pass
        return composed

    def narrowed(self, rows: NDArray[np.int64]) -> SubwordComposition:
        """The same for some of the words."""
        own = None if self.word_rows is None else self.word_rows[rows]
        return SubwordComposition(self.ngrams, self.buckets, own)

    def settings(self) -> dict[str, Any]:
        return asdict(self.ngrams)

    def tensors(self) -> dict[str, NDArray[Any]]:
        if self.word_rows is None:
            return {"buckets": self.buckets}
        return {"buckets": self.buckets, "word_rows": self.word_rows}

    @classmethod
    def restore(
        cls, settings: dict[str, Any], tensors: dict[str, NDArray[Any]]
    ) -> SubwordComposition:
        return cls(Ngrams(**settings), tensors["buckets"], tensors.get("word_rows"))


def mean_rows(
    table: NDArray[np.float32],
    rows: NDArray[np.int32],
    offsets: NDArray[np.int64],
    own: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """The mean over each word's rows of a table; zeros where a word has none.

    Adds in float32 from the first row to the last, so that the result is that of fastText.

    Args:
        table: float32 ``[bucket, dim]``.
        rows: int32 ``[total]``.
        offsets: int64 ``[words + 1]``, as :meth:`Ngrams.rows` returns them.
        own: float32 ``[words, dim]``, one more row for each word, the first of it.

    Returns:
        float32 ``[words, dim]``.
    """
    counts = np.diff(offsets)
    means = np.empty((len(counts), table.shape[1]), np.float32)
    order = np.argsort(-counts, kind="stable")
    for start in range(0, len(order), 1024):  # As many sums as stay in the cache.
        words = order[start : start + 1024]
        first, left = offsets[words], counts[words]
        if own is None:
            sums = np.zeros((len(words), table.shape[1]), np.float32)
        else:
            sums = np.array(own[words], np.float32)
        for i in range(int(left[0])):
            active = int(np.searchsorted(-left, -i))
            sums[:active] += table[rows[first[:active] + i]]
        sums /= np.maximum(left + (own is not None), 1).astype(np.float32)[:, None]
        means[words] = sums
    return means


def _mean_compiled(
    table: NDArray[np.float32],
    rows: NDArray[np.int32],
    offsets: NDArray[np.int64],
    own: NDArray[np.float32] | None,
) -> NDArray[np.float32]:
    from textdl.vectors.kernels.means import mean_rows

    means = np.empty((len(offsets) - 1, table.shape[1]), np.float32)
    mean_rows(table, rows, offsets, table[:0] if own is None else own, means)
    return means
