"""One function that saves vectors, in the format that the name asks for."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from textdl.vectors.formats import fasttext, floret, native, word2vec
from textdl.vectors.vectors import Vectors

_WRITERS = {".bin": fasttext.write, ".vec": word2vec.write, ".floret": floret.write}


def save_vectors(vectors: Vectors, path: str | os.PathLike[str]) -> None:
    """Save vectors as fastText's ``.bin``, as text (``.vec``), as floret's table (``.floret``), or,
    under a name with no such suffix, as a folder that holds everything.

    The file appears, or takes the place of the one before, when it is complete.

    Raises:
        InputError: the format can't hold these vectors.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        _save_folder(vectors, path, temporary)
        return
    try:
        with temporary.open("wb") as file:
            write(vectors, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _save_folder(vectors: Vectors, path: Path, temporary: Path) -> None:
    try:
        native.write(vectors, temporary)
        if path.exists():
            for file in temporary.iterdir():
                file.replace(path / file.name)
        else:
            temporary.rename(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
