"""Which rows of a hashed table belong to a word: its character n-grams.

Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information" (fastText), and floret,
which keeps whole words in the same table and adds up several rows for each entry (Bloom embeddings:
Serrà & Karatzoglou 2017, "Getting Deep Recommenders Fit").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.packed import PackedStrings
from textdl.vectors.hashing import fnv1a, murmur3

EOS = b"</s>"
"""The end of a line in fastText's vocabulary. It has no n-grams."""

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Ngrams:
    """Cuts ``<word>`` into n-grams of characters and hashes them into ``bucket`` rows.

    Args:
        min_n: characters of the shortest n-grams.
        max_n: characters of the longest; 0, or less than ``min_n``, means no n-grams.
        bucket: rows of the table.
        mode: ``fasttext``, or ``floret``, where the whole word is an entry too.
        hash_count: rows for each entry, 1 to 4; more than 1 only with floret.
        seed: of floret's hash.

    Raises:
        InputError: a setting is out of range.
    """

    min_n: int = 3
    max_n: int = 6
    bucket: int = 2_000_000
    mode: Literal["fasttext", "floret"] = "fasttext"
    hash_count: int = 1
    seed: int = 2166136261

    def __post_init__(self) -> None:
        if self.mode not in ("fasttext", "floret"):
            raise InputError(f"n-grams: mode is fasttext or floret, not {self.mode!r}")
        if self.min_n < 0 or self.max_n < 0:
            raise InputError(
                f"n-grams of {self.min_n} to {self.max_n} characters: give no negative"
            )
        if not 1 <= self.hash_count <= (4 if self.mode == "floret" else 1):
            raise InputError(f"n-grams: {self.mode} can't have a hash_count of {self.hash_count}")
        if not int(self.has_rows) <= self.bucket < 2**31:
            raise InputError(f"n-grams: bucket is {self.bucket}: it must be from 1 to 2^31 - 1")

    @property
    def has_rows(self) -> bool:
        """Whether any word has rows."""
        return self.mode == "floret" or max(self.min_n, 1) <= self.max_n

    def rows(
        self, words: PackedStrings | Iterable[str]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The rows of words, in fastText's order: by where the n-gram begins, the short ones first.

        Returns:
            ``(rows, offsets)``, int32 ``[total]`` and int64 ``[words + 1]``: those of word ``i``
            are ``rows[offsets[i]:offsets[i + 1]]``.
        """
        rows, counts = [np.zeros(0, np.int32)], [np.zeros(1, np.int64)]
        for block, offsets in self.blocks(words):
            rows.append(block)
            counts.append(np.diff(offsets))
        return np.concatenate(rows), np.cumsum(np.concatenate(counts))

    def blocks(
        self, words: PackedStrings | Iterable[str]
    ) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
        """:meth:`rows`, for a few thousand words at a time."""
        if not isinstance(words, PackedStrings):
            words = _packed(words)
        start, size = 0, _BLOCK // (8 + max(self.max_n - self.min_n, 0))
        while start < len(words):
            limit = words.offsets[start] + size
            stop = max(int(np.searchsorted(words.offsets, limit, "right")) - 1, start + 1)
            stop = min(stop, start + size)
            yield self._rows(words.data, words.offsets[start : stop + 1])
            start = stop

    def _rows(
        self, data: NDArray[np.uint8], offsets: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        text, begins = _marked(data, offsets)
        starts, lengths, counts = self._spans(text, begins)
        if self.mode == "floret":
            hashes = murmur3(text, starts, lengths, self.seed)[:, : self.hash_count].ravel()
        else:
            hashes = fnv1a(text, starts, lengths)
        rows = (hashes % np.uint32(max(self.bucket, 1))).astype(np.int32)
        ends = np.zeros(len(begins), np.int64)
        np.cumsum(counts * self.hash_count, out=ends[1:])
        return rows, ends

    def _spans(
        self, text: NDArray[np.uint8], begins: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Where the entries lie in the text: their first bytes, lengths, and how many each word
        has."""
        sizes = np.diff(begins)
        marks = np.flatnonzero((text & 0xC0) != 0x80)  # The first byte of every character.
        first = np.searchsorted(marks, begins)  # The first character of every word.
        characters = np.diff(first)
        left = np.repeat(first[1:], characters) - np.arange(len(marks))  # Until the word ends.
        edges = np.append(marks, len(text))

        longest = min(self.max_n, int(characters.max(initial=0)))
        n = np.arange(max(self.min_n, 1), longest + 1)
        kept = n <= left[:, None]
        if len(n) and n[0] == 1:  # "<" and ">" alone say nothing.
            kept[first[:-1], 0] = kept[first[1:] - 1, 0] = False
        if self.mode == "floret":  # A first column for the whole word.
            whole = np.zeros((len(marks), 1), np.bool_)
            whole[first[:-1]] = True
            kept = np.hstack([whole, kept])
        for word in np.flatnonzero(sizes == len(EOS) + 2):
            if text[begins[word] + 1 : begins[word + 1] - 1].tobytes() == EOS:
                kept[first[word] : first[word + 1]] = False

        at, column = np.nonzero(kept)
        if self.mode == "floret":
            width = np.append(0, n)[column]
            width = np.where(column == 0, left[at], width)
        else:
            width = n[column]
        counts = np.add.reduceat(kept.sum(1), first[:-1])
        return marks[at], edges[at + width] - marks[at], counts


def _packed(words: Iterable[str]) -> PackedStrings:
    encoded = [word.encode(errors="surrogatepass") for word in words]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(word) for word in encoded], out=offsets[1:])
    return PackedStrings(np.frombuffer(b"".join(encoded), np.uint8), offsets)


def _marked(
    data: NDArray[np.uint8], offsets: NDArray[np.int64]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The words with "<" before and ">" behind each, and where they begin and the last one ends."""
    shifts = 2 * np.arange(len(offsets))
    begins = offsets - offsets[0] + shifts
    text = np.empty(begins[-1], np.uint8)
    inside = np.ones(len(text), np.bool_)
    inside[begins[:-1]] = inside[begins[1:] - 1] = False
    text[inside] = data[offsets[0] : offsets[-1]]
    text[begins[:-1]] = ord("<")
    text[begins[1:] - 1] = ord(">")
    return text, begins
