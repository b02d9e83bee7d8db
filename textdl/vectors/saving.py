"""One function that saves vectors, in the format that is asked for."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Literal

from textdl.errors import InputError
from textdl.replacing import replaced_file
from textdl.settings import checked
from textdl.vectors.formats import arrays, fasttext, floret, lines, native, word2vec
from textdl.vectors.vectors import Vectors

Format = Literal[
    "textdl", "word2vec", "word2vec-binary", "glove", "fasttext", "floret", "npz", "safetensors"
]

_WRITERS: dict[str, Callable[[Vectors, IO[bytes]], None]] = {
    "word2vec": lines.write_word2vec,
    "word2vec-binary": word2vec.write,
    "glove": lines.write_glove,
    "fasttext": fasttext.write,
    "floret": floret.write,
    "npz": arrays.write_npz,
    "safetensors": arrays.write_safetensors,
}
_SUFFIXES: dict[str, Format] = {
    ".vec": "word2vec", ".txt": "word2vec", ".w2v": "word2vec-binary",
    ".glove": "glove", ".bin": "fasttext", ".floret": "floret", ".npz": "npz",
    ".safetensors": "safetensors",
}  # fmt: skip
_PACKED: dict[str, Callable[[Any], Any]] = {
    ".gz": lambda file: gzip.GzipFile(fileobj=file, mode="wb", mtime=0),
    ".bz2": lambda file: bz2.BZ2File(file, "wb"),
    ".xz": lambda file: lzma.LZMAFile(file, "wb"),  # noqa: SIM115 - its user closes it
}


@checked
def save_vectors(
    vectors: Vectors,
    path: str | os.PathLike[str],
    *,
    format: Format | None = None,  # noqa: A002 - what everybody calls it
) -> None:
    """Save vectors. The file appears, or takes the place of the one before, when it is complete.

    Args:
        path: under a suffix ``.gz``, ``.bz2`` or ``.xz`` behind the other, compressed.
        format: ``textdl``, a folder, which alone holds everything; ``word2vec`` text (with a first
            line of how many; fastText's ``.vec`` too) or ``word2vec-binary``; ``glove`` text;
            ``fasttext``'s model; ``floret``'s table; ``npz``; ``safetensors``. By default what the
            suffix says: ``.vec`` or ``.txt``, ``.w2v``, ``.glove``, ``.bin``, ``.floret``,
            ``.npz``, ``.safetensors``; a folder under any other name.

    Raises:
        InputError: the format can't hold these vectors.
    """
    path = Path(path)
    if not path.name:
        raise InputError(f"{os.fspath(path)!r}: give the name of a file or a folder")
    packing = _PACKED.get(path.suffix.lower())
    suffix = (path.with_suffix("") if packing else path).suffix.lower()
    chosen = format or _SUFFIXES.get(suffix, "textdl")
    path.parent.mkdir(parents=True, exist_ok=True)
    if chosen == "textdl":
        if packing:
            raise InputError(
                f"{path}: a folder can't be compressed: leave out {path.suffix}, or name a format"
            )
        native.write(vectors, path)
        return
    if path.is_dir():
        raise InputError(f"{path}: is a folder: give the name of a file")
    if packing and chosen in ("npz", "safetensors"):
        raise InputError(f"{path}: {chosen} is not compressed as a whole: leave out {path.suffix}")
    with replaced_file(path) as file:
        if packing:
            with packing(file) as packed:
                _WRITERS[chosen](vectors, packed)
        else:
            _WRITERS[chosen](vectors, file)
