"""The vocabulary: which tokens have an id, and how often each was seen."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.packed import PackedStrings
from textdl.tensors import open_tensors, save_tensors

PAD, UNKNOWN = 0, 1
SPECIALS = ("<pad>", "<unk>")


class Vocab:
    """Tokens and their ids. Ids 0 and 1 are ``<pad>`` and ``<unk>``; then come the words, frequent
    ones first, equally frequent ones in the order of their code points.

    Args:
        words: every token that has an id, the specials included.
        counts: int64 ``[len(words)]``, how often each was seen. ``counts[UNKNOWN]`` is how many
            tokens have no id of their own; ``counts[PAD]`` is 0.
    """

    def __init__(self, words: PackedStrings, counts: NDArray[np.int64]) -> None:
        if len(words) != len(counts):
            raise ValueError(f"{len(words)} words and {len(counts)} counts")
        self.words = words
        self.counts = counts

    @classmethod
    def from_counts(
        cls,
        counts: dict[str, int],
        *,
        min_count: int = 1,
        max_size: int | None = None,
        total: int | None = None,
    ) -> Vocab:
        """The vocabulary of the words seen at least ``min_count`` times, at most ``max_size`` words
        (the specials not counted in); ``total`` is the number of all tokens, if ``counts`` leaves
        out some."""
        kept = sorted(word for word, n in counts.items() if n >= min_count and word not in SPECIALS)
        seen = np.fromiter(map(counts.__getitem__, kept), np.int64, len(kept))
        order = np.argsort(-seen, kind="stable")[:max_size]
        seen = seen[order]
        words = PackedStrings.pack([*SPECIALS, *(kept[i] for i in order.tolist())])
        unknown = (sum(counts.values()) if total is None else total) - int(seen.sum())
        return cls(words, np.concatenate([[0, unknown], seen]))

    def content(self) -> list[NDArray[Any]]:
        """All that it consists of, for a digest."""
        return [self.words.offsets, self.words.data, self.counts]

    def encode(self, tokens: Iterable[str]) -> NDArray[np.int32]:
        """The ids of tokens, int32 ``[len(tokens)]``, ``UNKNOWN`` where there is none."""
        ids = self.words.find_all(tokens)
        # A text that spells "<pad>" must not be taken for padding.
        return np.where(ids < len(SPECIALS), UNKNOWN, ids).astype(np.int32)

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.words

    def __repr__(self) -> str:
        return f"Vocab({len(self) - len(SPECIALS):,} words, {int(self.counts.sum()):,} tokens)"

    def save(self, path: Path) -> None:
        """Write one safetensors file."""
        words = self.words
        save_tensors(
            path,
            {
                "words.data": words.data,
                "words.offsets": words.offsets,
                "words.order": words.order,
                "counts": self.counts,
            },
        )

    @classmethod
    def load(cls, path: Path) -> Vocab:
        """Open a vocabulary, memory-mapped.

        Raises:
            InputError: the file is missing or damaged.
        """
        tensors, _ = open_tensors(path)
        try:
            words = PackedStrings(
                tensors["words.data"], tensors["words.offsets"], tensors["words.order"]
            )
            return cls(words, tensors["counts"])
        except KeyError as error:
            raise InputError(f"{path}: no vocabulary, it has no array {error}") from error
