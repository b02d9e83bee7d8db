"""Giving back the memory of files that are mapped."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray


def release(array: NDArray[Any]) -> None:
    """Take the pages of a memory-mapped array out of this process' memory; whoever looks at them
    again finds them in the system's cache or on disk. Nothing happens to an array in memory.

    A program that goes through a large file once would otherwise end up holding all of it.
    """
    base: Any = array
    while isinstance(base, np.ndarray | memoryview):
        base = base.obj if isinstance(base, memoryview) else base.base
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        base.madvise(mmap.MADV_DONTNEED)
