"""Rows of text, ``key number number …``: what the text formats of vectors have in common."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError

_BLOCK = 4096


def read_rows(
    file: IO[bytes], path: Path, rows: int, dim: int
) -> tuple[list[bytes], NDArray[np.float32]]:
    """The keys and the float32 ``[rows, dim]`` numbers of the lines behind a header. A key may have
    spaces.

    Raises:
        InputError: there are more or fewer rows, or a line has other than ``dim`` numbers; names
            file and line.
    """
    # Before there is memory for them: every number takes a digit and a space.
    if rows * dim * 2 > os.fstat(file.fileno()).st_size:
        raise _cut_off(path, rows, None)
    keys: list[bytes] = []
    matrix = np.empty((rows, dim), np.float32)
    while lines := list(islice(file, _BLOCK)):
        lines = [line.rstrip(b"\r\n ") for line in lines]
        start = len(keys)
        if start + len(lines) > rows:
            raise InputError(
                f"{path}: has more rows than the {rows:,} that its first line promises. Download "
                "it again, or correct the first line"
            )
        split = [line.partition(b" ") for line in lines]
        try:
            values = np.loadtxt([tail.decode("latin-1") for _, _, tail in split], np.float32,
                                comments=None, ndmin=2)  # fmt: skip
            if values.shape != (len(lines), dim):
                raise ValueError
            keys += [key for key, _, _ in split]
            matrix[start : len(keys)] = values
        except ValueError:
            for i, line in enumerate(lines, start):
                key, numbers = _split(line, dim, path, i + 2)
                keys.append(key)
                matrix[i] = numbers
    if len(keys) < rows:
        raise _cut_off(path, rows, len(keys))
    return keys, matrix


def _split(line: bytes, dim: int, path: Path, number: int) -> tuple[bytes, list[float]]:
    key, *numbers = line.rsplit(b" ", dim)
    try:
        if len(numbers) == dim:
            return key, [float(value) for value in numbers]
    except ValueError:
        pass
    start = line[:40].decode("utf-8", "replace")
    raise InputError(f"{path}, line {number}: {start!r}… is not a word and {dim} numbers")


def _cut_off(path: Path, rows: int, found: int | None) -> InputError:
    has = "is too short for them" if found is None else f"the file has {found:,}"
    return InputError(
        f"{path}: cut off: its first line promises {rows:,} rows, {has}. Download it again"
    )


def write_rows(file: IO[bytes], keys: Iterable[bytes], matrix: NDArray[np.float32]) -> None:
    """Write a line for each key, with the fewest digits that give the same float32 back."""
    import pyarrow
    import pyarrow.compute

    names, dim = iter(keys), matrix.shape[1]
    for start in range(0, len(matrix), _BLOCK):
        block = np.ascontiguousarray(matrix[start : start + _BLOCK])
        numbers = pyarrow.array(block.ravel()).cast(pyarrow.string())
        offsets = np.arange(0, block.size + 1, dim, dtype=np.int32)
        lines = pyarrow.ListArray.from_arrays(offsets, numbers)
        joined = pyarrow.compute.binary_join(lines, " ").to_pylist()
        file.writelines(
            b"%b %b\n" % (key, line.encode()) for line, key in zip(joined, names, strict=False)
        )
