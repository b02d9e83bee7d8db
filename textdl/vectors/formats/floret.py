"""floret's table of hashed n-grams, which gives any word a vector and lists no words.

The first line is ``bucket dim min_n max_n hash_count seed < >``; then come the rows, each behind
its number. spaCy reads it with ``spacy init vectors --mode floret``.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO

import numpy as np

from textdl.errors import InputError
from textdl.vectors.formats.table import read_rows, write_rows
from textdl.vectors.ngrams import Ngrams
from textdl.vectors.subwords import SubwordComposition
from textdl.vectors.vectors import Vectors


def is_header(line: bytes) -> bool:
    """Whether a file that begins with ``line`` has this format."""
    fields = line.split()
    return len(fields) == 8 and all(field.isdigit() for field in fields[:6])


def read(path: Path) -> Vectors:
    """Read the table into memory.

    Returns:
        vectors without a word of their own, which compose every word.

    Raises:
        InputError: the file is damaged, or marks words with other than "<" and ">".
    """
    with path.open("rb") as file:
        *numbers, begin, end = file.readline().split()
        if (begin, end) != (b"<", b">"):
            raise InputError(
                f"{path}: marks words with {begin.decode('utf-8', 'replace')} and "
                f"{end.decode('utf-8', 'replace')}: textdl knows only < and >"
            )
        bucket, dim, min_n, max_n, hash_count, seed = map(int, numbers)
        keys, table = read_rows(file, path, bucket, dim)
    if keys != [b"%d" % i for i in range(bucket)]:
        raise InputError(f"{path}: its rows are not numbered from 0 to {bucket - 1}")
    try:
        ngrams = Ngrams(min_n, max_n, bucket, "floret", hash_count, seed)
    except InputError as error:
        raise InputError(f"{path}, line 1: {error}") from error
    composition = SubwordComposition(ngrams, table)
    none = np.zeros((0, dim), np.float32)
    return Vectors([], none, info={"format": "floret"}, composition=composition)


def write(vectors: Vectors, file: IO[bytes]) -> None:
    """Write the table of n-grams; the list of words is left out.

    Raises:
        InputError: the vectors have no such table.
    """
    composition = vectors.composition
    if not isinstance(composition, SubwordComposition) or composition.ngrams.mode != "floret":
        raise InputError(
            "a .floret file holds vectors that were trained in the mode floret: save others as "
            ".vec, .bin or a folder"
        )
    n = composition.ngrams
    sizes = (n.bucket, vectors.dim, n.min_n, n.max_n, n.hash_count, n.seed)
    file.write(b"%d %d %d %d %d %d < >\n" % sizes)
    write_rows(file, (b"%d" % i for i in range(n.bucket)), composition.buckets)
