"""One function that loads vectors, whatever holds them."""

from __future__ import annotations

import os
from pathlib import Path

from textdl.errors import InputError
from textdl.vectors.vectors import Vectors


def load_vectors(path: str | os.PathLike[str]) -> Vectors:
    """Open saved vectors, such as ``runs/imdb/skipgram``, memory-mapped.

    Raises:
        InputError: there is no such folder, or it holds no vectors.
    """
    folder = Path(path)
    if not folder.exists():
        raise InputError(f"{folder}: no such file or folder")
    if not (folder / "vectors.safetensors").is_file():
        raise InputError(
            f"{folder}: holds no vectors.safetensors. Name a folder of vectors, "
            "such as runs/quickstart/skipgram"
        )
    return Vectors.load(folder)
