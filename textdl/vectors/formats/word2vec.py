"""word2vec's binary format: a line with how many words of how many numbers there are, then each
word, a space, and its numbers as little-endian float32."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

import numpy as np

from textdl.errors import InputError
from textdl.packed import PackedStrings
from textdl.vectors.formats.forward import Forward
from textdl.vectors.formats.lines import BOM, refuse_blanks
from textdl.vectors.kernels import looped
from textdl.vectors.reading import Block, Contents
from textdl.vectors.sources import Source
from textdl.vectors.vectors import Vectors

_CHUNK = 1 << 22
_LONGEST_WORD = 10_000
_COMPILED_BYTES = 4_000_000


def is_binary(head: bytes) -> bool:
    """Whether what follows a header is binary: text has no control characters."""
    return any(byte < 32 and byte not in b"\t\n\r" for byte in head[:2000])


def read(source: Source) -> Contents:
    """What a binary file holds.

    Raises:
        InputError: the first line promises more than the file can have.
    """
    head = source.peek(100)
    start = head.find(b"\n") + 1
    rows, dim = map(int, head[:start].removeprefix(BOM).split())
    if not dim:
        raise InputError(f"{source.name}: its first line promises vectors of 0 numbers")
    if source.size is not None and rows * (dim * 4 + 2) > source.size:
        raise InputError(
            f"{source.name}: cut off: its first line promises {rows:,} rows of {dim:,} numbers, "
            f"more than {source.size:,} bytes can hold. Download it again"
        )
    return Contents(
        source.name, dim, rows if source.size is not None else min(rows, 1000),
        _blocks(source, start, rows, dim), lambda row: f"row {row + 1}",
        {"format": "word2vec binary"},
    )  # fmt: skip


def _blocks(source: Source, start: int, rows: int, dim: int) -> Iterator[Block]:
    large = len(source.peek(_COMPILED_BYTES)) == _COMPILED_BYTES
    find, copy = looped("find_records", large), looped("copy_records", large)
    width = dim * 4
    size = max(_CHUNK, 2 * (width + _LONGEST_WORD))
    found, position = 0, start
    reader = Forward(source, start)
    while len(data := reader.next(size)):
        bounds = np.empty((min(rows - found, len(data) // width + 1), 2), np.int64)
        n, done = find(data, 0, len(bounds), width, _LONGEST_WORD, bounds)
        matrix = np.empty((n, dim), "<f4")
        copy(data, bounds[:n, 1] + 1, matrix.view(np.uint8))
        if n:
            yield Block(PackedStrings.between(data, bounds[:n]), matrix)
        found, position = found + n, position + done
        if found == rows:
            if bytes(data[done : done + 100]).strip(b"\n"):
                raise InputError(
                    f"{source.name}, byte {position:,}: more follows the {rows:,} rows that the "
                    "first line promises. Download it again, or correct its first line"
                )
            return
        if len(data) - done > width + _LONGEST_WORD:
            raise InputError(
                f"{source.name}, byte {position:,}: damaged: row {found + 1} has no word of less "
                f"than {_LONGEST_WORD:,} bytes. Download it again"
            )
        if not done and len(data) < size:
            break
        reader.advance(done)
    if found < rows:
        raise InputError(
            f"{source.name}: cut off in row {found + 1}, at byte {position:,}: its first line "
            f"promises {rows:,} rows. Download it again"
        )


def write(vectors: Vectors, file: IO[bytes]) -> None:
    """Write the vectors of the words that have a row.

    Raises:
        InputError: a word is empty or has a space or line end.
    """
    refuse_blanks(vectors.words, b" \n")
    file.write(b"%d %d\n" % (len(vectors), vectors.dim))
    for start in range(0, len(vectors), 1024):
        rows = np.ascontiguousarray(vectors.rows(slice(start, start + 1024)), "<f4")
        for i, row in enumerate(rows, start):
            file.write(vectors.words.encoded(i) + b" " + row.tobytes())
