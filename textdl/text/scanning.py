"""Tokenizing large text: compiled where it is plain ASCII, else by :class:`WordTokenizer`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from textdl.text.kernels.words import grown, number_lines, number_words, simple_again
from textdl.text.tokenizers import WordTokenizer


class Scanned(NamedTuple):
    """The tokens of a text.

    Attributes:
        words: uint8 ``[bytes]``, the distinct tokens as lines, each with its line feed.
        ids: int32 ``[tokens]``, indices into ``words``.
        lengths: int64 ``[segments]``, the number of tokens in each.
    """

    words: NDArray[np.uint8]
    ids: NDArray[np.int32]
    lengths: NDArray[np.int64]


class WordTable:
    """Words, numbered in the order in which they are first seen.

    The arrays are those of :mod:`textdl.text.kernels.words`.
    """

    def __init__(self) -> None:
        self.slots = np.zeros((1, 2), np.uint64)
        self.starts = np.zeros(2, np.int64)
        self.words = np.empty(0, np.uint8)

    def number(self, words: list[str]) -> NDArray[np.int32]:
        """The numbers of words, int32 ``[words]``; new ones are added."""
        lines = "".join([word + "\n" for word in words]).encode()
        return self._number(np.frombuffer(lines, np.uint8))

    def merge(self, piece: Scanned) -> NDArray[np.int32]:
        """The tokens of ``piece`` in the numbers of this table."""
        return self._number(piece.words)[piece.ids]

    def _number(self, lines: NDArray[np.uint8]) -> NDArray[np.int32]:
        lines = lines.view()
        lines.flags.writeable = False  # of the one type that the kernel is compiled for
        ids = np.empty(np.count_nonzero(lines == ord("\n")), np.int32)
        self.reserve(len(lines))
        while 2 * (len(self) + len(ids)) > len(self.slots):
            self.slots = grown(self.slots)
        number_lines(lines, ids, self.slots, self.starts, self.words)
        return ids

    @property
    def lines(self) -> NDArray[np.uint8]:
        """The words, uint8 ``[bytes]``, each with its line feed."""
        return self.words[: self.starts[len(self) + 1]]

    def __len__(self) -> int:
        return int(self.starts[0])

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), 65536):  # most of them are rare and not kept
            stop = min(start + 65536, len(self))
            block = self.words[self.starts[start + 1] : self.starts[stop + 1]]
            yield from block.tobytes().decode().split("\n")[:-1]

    def reserve(self, size: int) -> None:
        """Make room for new words of so many bytes, their line feeds counted in."""
        used = len(self.lines)
        if used + size > len(self.words):
            room = 2 * used + size
            words, starts = np.empty(room, np.uint8), np.empty(room // 2 + 2, np.int64)
            words[:used], starts[: len(self) + 2] = self.lines, self.starts[: len(self) + 2]
            self.words, self.starts = words, starts


def scan(tokenizer: WordTokenizer, text: NDArray[np.uint8], bounds: NDArray[np.int64]) -> Scanned:
    """The tokens of consecutive segments of a text, as ``tokenizer`` finds them in each.

    Args:
        text: uint8 ``[bytes]``.
        bounds: int64 ``[segments + 1]``, segment ``i`` is ``text[bounds[i]:bounds[i + 1]]``.
    """
    text = text.view()
    text.flags.writeable = False  # of the one type that the kernel is compiled for
    characters = bytes(range(256))
    fold = np.frombuffer(characters.lower() if tokenizer.lower else characters, np.uint8)
    table = WordTable()
    run = np.empty(len(text), np.int32)
    lengths = np.zeros(len(bounds) - 1, np.int64)
    ids: list[NDArray[np.int32]] = []
    segment, position = 0, 0
    while True:
        table.reserve(2 * (len(text) - position))
        segment, position, stop, n = number_words(
            text, bounds, segment, position, fold, tokenizer.punctuation,
            run, lengths, table.slots, table.starts, table.words,
        )  # fmt: skip
        ids.append(run[:n].copy())
        if segment == len(lengths):
            break
        if 2 * len(table) > len(table.slots):
            table.slots = grown(table.slots)
            continue
        end = simple_again(text, stop, bounds[segment + 1])
        tokens = tokenizer(text[position:end].tobytes().decode())
        ids.append(table.number(tokens))
        lengths[segment] += len(tokens)
        position = end
    return Scanned(table.lines.copy(), np.concatenate(ids), lengths)
