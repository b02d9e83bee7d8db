"""floret's table of hashed n-grams, which gives any word a vector and lists no words.

The first line is ``bucket dim min_n max_n hash_count seed < >``; then come the rows, each behind
its number. spaCy reads it with ``spacy init vectors --mode floret``.
"""

from __future__ import annotations

from typing import IO

import numpy as np

from textdl.errors import InputError
from textdl.vectors.formats.lines import read_lines, write_lines
from textdl.vectors.ngrams import Ngrams
from textdl.vectors.sources import Source
from textdl.vectors.storage import GrowingMatrix
from textdl.vectors.subwords import SubwordComposition
from textdl.vectors.vectors import Vectors


def is_header(line: bytes) -> bool:
    """Whether a file that begins with ``line`` has this format."""
    fields = line.split()
    return len(fields) == 8 and all(field.isdigit() for field in fields[:6])


def read(source: Source) -> Vectors:
    """Read the table into memory.

    Returns:
        vectors without a word of their own, which compose every word.

    Raises:
        InputError: the file is damaged, or marks words with other than "<" and ">".
    """
    head = source.peek(1000)
    start = head.find(b"\n") + 1
    *numbers, begin, end = head[:start].split()
    if (begin, end) != (b"<", b">"):
        raise InputError(
            f"{source.name}: marks words with {begin.decode('utf-8', 'replace')} and "
            f"{end.decode('utf-8', 'replace')}: textdl knows only < and >"
        )
    bucket, dim, min_n, max_n, hash_count, seed = map(int, numbers)
    if source.size is not None and bucket * dim * 2 > source.size:
        raise InputError(
            f"{source.name}: cut off: its first line promises {bucket:,} rows, and it is too short "
            "for them. Download it again"
        )
    table = GrowingMatrix(min(bucket, 1 << 20), dim, "float32")
    for block in read_lines(source, start, dim, 2):
        expected = [b"%d" % i for i in range(table.rows, table.rows + len(block.rows))]
        if [block.words.encoded(i) for i in range(len(block.words))] != expected:
            raise InputError(f"{source.name}: its rows are not numbered from 0 to {bucket - 1}")
        table.append(block.rows)
    if table.rows != bucket:
        raise InputError(
            f"{source.name}: cut off: its first line promises {bucket:,} rows, the file has "
            f"{table.rows:,}. Download it again"
        )
    try:
        ngrams = Ngrams(min_n, max_n, bucket, "floret", hash_count, seed)
    except InputError as error:
        raise InputError(f"{source.name}, line 1: {error}") from error
    composition = SubwordComposition(ngrams, table.finish())
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
    write_lines(file, (b"%d" % i for i in range(n.bucket)), composition.buckets)
