"""The numbers of vectors as they are stored: float32, or smaller."""

from __future__ import annotations

import mmap
import sys
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError

Dtype = Literal["float32", "float16", "int8"]


def encode(rows: NDArray[Any], dtype: str) -> tuple[NDArray[Any], NDArray[np.float32] | None]:
    """Rows in a smaller type.

    Args:
        rows: float32 ``[n, dim]``.
        dtype: ``float32``, ``float16`` (half precision), or ``int8``: every row has a scale, its
            greatest number over 127, of which its numbers are multiples.

    Returns:
        the numbers in the type, and the scales of ``int8``, float32 ``[n]``.

    Raises:
        InputError: a number is too large for ``float16``.
    """
    if dtype == "float16" and (beyond := np.abs(rows) > np.finfo(np.float16).max).any():
        value = rows[np.unravel_index(beyond.argmax(), beyond.shape)]
        raise InputError(f"float16 can't hold {value:g}: keep float32, or take int8")
    if dtype != "int8":
        return np.asarray(rows, dtype), None
    scales = (np.abs(rows).max(axis=1, initial=0) / 127).astype(np.float32)
    steps = rows / np.where(scales > 0, scales, 1)[:, None]
    return np.rint(steps).astype(np.int8), scales


def decode(rows: NDArray[Any], scales: NDArray[np.float32] | None) -> NDArray[np.float32]:
    """The float32 numbers of stored rows; no copy if that is what they are."""
    if scales is None:
        return np.asarray(rows, np.float32)
    return rows * scales[..., None]


class GrowingMatrix:
    """A matrix that rows are appended to, without a second copy of it.

    Its memory is mapped, so that it can grow in place, and so that what is not yet filled takes no
    memory.

    Args:
        rows: how many are expected.
    """

    def __init__(self, rows: int, dim: int, dtype: str) -> None:
        self.dim, self.dtype, self.rows = dim, np.dtype(dtype), 0
        self._width = max(dim * self.dtype.itemsize, 1)
        self._memory = _map(max(rows, 1) * self._width)

    def append(self, block: NDArray[Any]) -> None:
        end = (self.rows + len(block)) * self._width
        if end > len(self._memory):
            self._memory = _grown(self._memory, max(end, len(self._memory) * 3 // 2))
        self._view(self.rows, len(block))[:] = block
        self.rows += len(block)

    def finish(self) -> NDArray[Any]:
        """The matrix, ``[rows, dim]``; nothing may be appended any more."""
        matrix = self._view(0, self.rows)
        matrix.flags.writeable = False
        return matrix

    def _view(self, start: int, rows: int) -> NDArray[Any]:
        if not rows * self.dim:
            return np.zeros((rows, self.dim), self.dtype)
        found = np.frombuffer(self._memory, self.dtype, rows * self.dim, start * self._width)
        return found.reshape(rows, self.dim)


def _map(size: int) -> mmap.mmap:
    if sys.platform == "win32":
        return mmap.mmap(-1, size)
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)
    return memory


def _grown(memory: mmap.mmap, size: int) -> mmap.mmap:
    try:
        memory.resize(size)
    except (SystemError, OSError, ValueError, BufferError):  # only Linux grows a map in place
        larger = _map(size)
        larger[: len(memory)] = memory[:]
        return larger
    return memory
