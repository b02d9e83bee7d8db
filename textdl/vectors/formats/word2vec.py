"""word2vec's text format, fastText's ``.vec``: how many words of how many numbers, then a word a
line."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import numpy as np

from textdl.errors import InputError
from textdl.vectors.formats.table import read_rows, write_rows
from textdl.vectors.vectors import Vectors


def is_header(line: bytes) -> bool:
    """Whether a file that begins with ``line`` has this format."""
    fields = line.split()
    return len(fields) == 2 and all(field.isdigit() for field in fields)


def read(path: Path) -> Vectors:
    """Read all vectors into memory.

    Raises:
        InputError: the file is damaged, or words are not UTF-8; names file and line.
    """
    with path.open("rb") as file:
        rows, dim = map(int, file.readline().split())
        keys, matrix = read_rows(file, path, rows, dim)
    words = []
    for i, key in enumerate(keys):
        try:
            words.append(key.decode())
        except UnicodeDecodeError as error:
            raise InputError(f"{path}, line {i + 2}: the word {key!r} is not UTF-8") from error
    return Vectors(words, matrix, info={"format": "word2vec text"})


def write(vectors: Vectors, file: IO[bytes]) -> None:
    """Write the vectors of the words that have a row.

    Raises:
        InputError: a word is empty or has a space or line end.
    """
    words = vectors.words
    blank = np.isin(words.data, np.frombuffer(b" \t\r\n", np.uint8))
    spoiled = np.diff(words.offsets) == 0
    spoiled[np.searchsorted(words.offsets, np.flatnonzero(blank), "right") - 1] = True
    if spoiled.any():
        word = words[int(spoiled.argmax())]
        raise InputError(
            f"a text file of vectors can't hold the word {word!r}: it is empty or has a space. "
            "Save to a name without a suffix, which makes a folder that holds everything"
        )
    file.write(b"%d %d\n" % vectors.matrix.shape)
    write_rows(file, map(words.encoded, range(len(words))), vectors.matrix)
