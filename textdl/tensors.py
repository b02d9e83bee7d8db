"""Named arrays in one safetensors file, opened as memory maps."""

from __future__ import annotations

import json
import mmap
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.replacing import replaced_file

Tensors = dict[str, NDArray[Any]]

_DTYPES = {
    "BOOL": np.bool_,
    "U8": np.uint8,
    "I8": np.int8,
    "I16": np.int16,
    "I32": np.int32,
    "I64": np.int64,
    "F16": np.float16,
    "F32": np.float32,
    "F64": np.float64,
}
_NAMES = {np.dtype(dtype): name for name, dtype in _DTYPES.items()}
_LONGEST_HEADER = 100_000_000


def save_tensors(path: Path, tensors: Tensors, metadata: dict[str, str] | None = None) -> None:
    """Write named arrays and string metadata to a safetensors file, in one step: a crash leaves
    the file that was there before, and whoever has it open keeps what they see.

    The safetensors package copies every array into bytes first; here they are written from where
    they are, so that saving takes no memory beside that of what is saved.
    """
    with replaced_file(path) as file:
        write_tensors(file, tensors, metadata)


def write_tensors(
    file: IO[bytes], tensors: Tensors, metadata: dict[str, str] | None = None
) -> None:
    """Write the same to an open file."""
    # Wide numbers first, so that all of them lie at multiples of their size.
    names = sorted(tensors, key=lambda name: (-tensors[name].dtype.itemsize, name))
    header: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    end = 0
    for name in names:
        array = tensors[name]
        begin, end = end, end + array.nbytes
        dtype = _NAMES[array.dtype]
        header[name] = {"dtype": dtype, "shape": array.shape, "data_offsets": [begin, end]}
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    file.write(len(text).to_bytes(8, "little") + text)
    for name in names:
        file.write(np.ascontiguousarray(tensors[name]).data)


def open_tensors(path: Path) -> tuple[Tensors, dict[str, str]]:
    """The arrays of a safetensors file as read-only memory maps, and its metadata.

    The safetensors package copies arrays into memory; a map opens in microseconds however large
    the file is, and processes share its pages.

    Raises:
        InputError: the file is missing, truncated or no safetensors file.
    """
    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            if not 2 <= size <= _LONGEST_HEADER:
                raise ValueError("its first eight bytes hold no header length")
            header = json.loads(file.read(size).decode())
            buffer = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        metadata = header.pop("__metadata__", {})
        tensors = {name: _view(buffer, 8 + size, entry) for name, entry in header.items()}
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path}: not a complete safetensors file ({error}). Copy it again or make it again"
        ) from error
    return tensors, metadata


def _view(buffer: mmap.mmap, start: int, entry: dict[str, Any]) -> NDArray[Any]:
    dtype: np.dtype[Any] = np.dtype(_DTYPES[entry["dtype"]])
    shape, (begin, end) = entry["shape"], entry["data_offsets"]
    count = int(np.prod(shape, dtype=object))
    if not 0 <= begin <= end <= len(buffer) - start or end - begin != count * dtype.itemsize:
        raise ValueError(f"an array of shape {shape} does not lie in bytes {begin} to {end}")
    if not count:
        return np.zeros(shape, dtype)
    return np.frombuffer(buffer, dtype, count, start + begin).reshape(shape)
