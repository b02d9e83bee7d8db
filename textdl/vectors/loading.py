"""One function that loads vectors, whatever holds them."""

from __future__ import annotations

import os
from pathlib import Path

from textdl.errors import InputError
from textdl.vectors.formats import fasttext, floret, native, word2vec
from textdl.vectors.vectors import Vectors


def load_vectors(path: str | os.PathLike[str]) -> Vectors:
    """Open saved vectors: a folder such as ``runs/imdb/skipgram``, fastText's ``.bin`` and ``.vec``
    (word2vec's text), floret's ``.floret``. What a file is tell its first bytes, not its name.

    Raises:
        InputError: there is nothing of that name, or it is damaged or no vectors.
    """
    path = Path(path)
    if path.is_dir():
        if not (path / native.FILE).is_file():
            raise InputError(
                f"{path}: holds no {native.FILE}. Name a folder of vectors, "
                "such as runs/quickstart/skipgram"
            )
        return native.read(path)
    try:
        with path.open("rb") as file:
            line = file.readline(1000)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file or folder") from error
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from error
    if line.startswith(fasttext.MAGIC):
        return fasttext.read(path)
    if floret.is_header(line):
        return floret.read(path)
    if word2vec.is_header(line):
        return word2vec.read(path)
    start = f"begins with {line[:20]!r}" if line else "is empty"
    raise InputError(
        f"{path}: not recognised as vectors: it {start}, which is neither a fastText model (.bin), "
        "nor text with a first line of the numbers of words and dimensions (.vec), nor a .floret "
        "table"
    )
