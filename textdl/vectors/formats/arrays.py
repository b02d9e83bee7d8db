"""A matrix with a list of words: .npy or safetensors beside a text file, or both in an .npz."""

from __future__ import annotations

import json
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.packed import PackedStrings
from textdl.tensors import open_tensors, write_tensors
from textdl.vectors.sources import Source
from textdl.vectors.vectors import Vectors

NPY = b"\x93NUMPY"
_NAMES = ("vectors", "embeddings", "embedding", "weight", "matrix")
_LISTS = ("{stem}.words", "{stem}.vocab", "{stem}.words.txt", "{stem}.vocab.txt", "{stem}.txt",
          "{stem}.json", "words.txt", "vocab.txt", "vocab.json", "words.json")  # fmt: skip


def is_safetensors(head: bytes, size: int | None) -> bool:
    """Whether a file begins with the length of a JSON header."""
    length = int.from_bytes(head[:8], "little")
    return head[8:9] == b"{" and length >= 2 and (size is None or length <= size - 8)


def read_npy(source: Source, vocab: Path | None) -> Vectors:
    """Open a matrix, memory-mapped, with the words of a text or JSON file.

    Raises:
        InputError: the array is damaged or no matrix of numbers, or there are not as many words.
    """
    if source.path is None:
        raise InputError(f"{source.name}: unpack the .npy file first: its list lies beside it")
    try:
        matrix = np.load(source.path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise InputError(f"{source.name}: a damaged or unusable .npy file: {error}") from error
    return _put_together(source.path, _numbers(matrix, source.name), None, vocab, "numpy")


def is_npz(path: Path) -> bool:
    """Whether a file is a zip archive of arrays."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False
    return bool(names) and all(name.endswith(".npy") for name in names)


def read_npz(path: Path) -> Vectors:
    """Read the arrays ``words`` and ``vectors``.

    Raises:
        InputError: it lacks one, or they don't belong together.
    """
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.file_size > 1 << 30 and info.file_size > 1000 * info.compress_size:
                raise InputError(
                    f"{path}: its array {info.filename} unpacks to {info.file_size:,} bytes out of "
                    f"{info.compress_size:,}: no vectors are so regular"
                )
    try:
        with np.load(path, allow_pickle=False) as arrays:
            names = arrays.files
            found = {name: arrays[name] for name in names}
    except (ValueError, OSError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(f"{path}: a damaged or unusable .npz file: {error}") from error
    words = found.get("words", found.get("vocab"))
    matrix = next((found[name] for name in _NAMES if name in found), None)
    if words is None or matrix is None or words.ndim != 1 or words.dtype.kind not in "US":
        raise InputError(
            f"{path}: has the arrays {', '.join(names) or 'none'}: vectors need an array "
            "'words' of strings and an array 'vectors' of numbers"
        )
    packed = PackedStrings.pack(
        word.decode(errors="backslashreplace") if isinstance(word, bytes) else word
        for word in words.tolist()
    )
    return _put_together(path, _numbers(matrix, str(path)), packed, None, "numpy")


def read_safetensors(source: Source, vocab: Path | None) -> Vectors:
    """Open the only matrix of a file, or the one named as vectors are, memory-mapped.

    Raises:
        InputError: the file is damaged or has no or several matrices, or there are not as many
            words.
    """
    if source.path is None:
        raise InputError(f"{source.name}: unpack the safetensors file first")
    tensors, metadata = open_tensors(source.path)
    matrices = {
        name: array
        for name, array in tensors.items()
        if array.ndim == 2 and array.dtype.kind == "f"
    }
    chosen = [name for name in matrices if name.rpartition(".")[2] in _NAMES] or list(matrices)
    if len(chosen) != 1:
        listed = ", ".join(f"{name} {list(array.shape)}" for name, array in tensors.items())
        raise InputError(
            f"{source.name}: holds {len(chosen)} tensors that may be vectors ({listed}): save the "
            "one that you mean alone"
        )
    words = None
    if "words.data" in tensors and "words.offsets" in tensors:
        words = PackedStrings(tensors["words.data"], tensors["words.offsets"])
    elif "words" in metadata:
        try:
            words = PackedStrings.pack(json.loads(metadata["words"]))
        except (ValueError, TypeError, AttributeError) as error:
            raise InputError(f"{source.name}: its words are no list of words: {error}") from error
    return _put_together(source.path, matrices[chosen[0]], words, vocab, "safetensors")


def _numbers(matrix: NDArray[Any], name: str) -> NDArray[Any]:
    if matrix.ndim != 2 or matrix.dtype.kind not in "fiu":
        raise InputError(
            f"{name}: holds {matrix.dtype} of shape {matrix.shape}: vectors are a matrix of numbers"
        )
    return matrix


def _put_together(
    file: Path,
    matrix: NDArray[Any],
    words: PackedStrings | None,
    vocab: Path | None,
    format_: str,
) -> Vectors:
    if words is None:
        path = vocab or _list_beside(file)
        words = _read_list(path)
        if len(words) != len(matrix):
            raise InputError(
                f"{path}: lists {len(words):,} words, and {file} has {len(matrix):,} rows"
            )
    elif len(words) != len(matrix):
        raise InputError(f"{file}: {len(words):,} words and {len(matrix):,} rows")
    if (empty := np.flatnonzero(np.diff(words.offsets) == 0)).size:
        raise InputError(f"{file}: row {empty[0]} has no word")
    if matrix.dtype not in (np.float32, np.float16):
        matrix = matrix.astype(np.float32)
    return Vectors(words, matrix, info={"format": format_})


def _list_beside(file: Path) -> Path:
    for pattern in _LISTS:
        path = file.with_name(pattern.format(stem=file.stem))
        if path.is_file() and path != file:
            return path
    looked = ", ".join(pattern.format(stem=file.stem) for pattern in _LISTS[:4])
    raise InputError(
        f"{file}: a matrix without words. Give their list with vocab=FILE, a word a line or "
        f"a JSON list, or put it beside the matrix as {looked}"
    )


def _read_list(path: Path) -> PackedStrings:
    try:
        text = path.read_text("utf-8-sig")
        if not text.lstrip().startswith(("[", "{")):
            lines = text.split("\n")
            if not lines[-1]:
                lines.pop()
            return PackedStrings.pack(line.removesuffix("\r") for line in lines)
        listed = json.loads(text)
        if isinstance(listed, dict):  # word to row
            if sorted(listed.values()) != list(range(len(listed))):
                raise ValueError(f"its {len(listed):,} words need the rows from 0 on")
            listed = sorted(listed, key=listed.__getitem__)
        return PackedStrings.pack(listed)
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 (byte {error.start:,})") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: no list of words: {error}") from error


def write_npz(vectors: Vectors, file: IO[bytes]) -> None:
    """Write the arrays ``words`` and ``vectors``."""
    words = np.array(list(vectors.words), dtype=np.str_) if len(vectors) else np.zeros(0, "U1")
    np.savez(file, words=words, vectors=vectors.matrix)


def write_safetensors(vectors: Vectors, file: IO[bytes]) -> None:
    """Write the tensor ``vectors``, with the words as a JSON list in the metadata."""
    words = json.dumps(list(vectors.words), ensure_ascii=False)
    write_tensors(file, {"vectors": vectors.matrix}, {"words": words})
