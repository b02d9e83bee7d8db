"""Giving memory back to the system."""

from __future__ import annotations

import ctypes
import mmap
import sys
from pathlib import Path
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


def release_code(library: str) -> None:
    """The same for the machine code of a shared library: what runs again is mapped again.

    LLVM's is 60 MB that nobody needs between two compilations.
    """
    if sys.platform != "linux":
        return
    system = ctypes.CDLL(None)
    for line in Path("/proc/self/maps").read_text("utf-8", "replace").splitlines():
        addresses, rights, *_, name = line.split(maxsplit=5)
        # Executable pages are the file's as they are; others may hold what was written to them.
        if rights == "r-xp" and Path(name).name == library:
            start, stop = (int(address, 16) for address in addresses.split("-"))
            system.madvise(
                ctypes.c_void_p(start), ctypes.c_size_t(stop - start), mmap.MADV_DONTNEED
            )


def release_heap() -> None:
    """Give back what was freed and the C library keeps for later: much after large temporary
    arrays. Only glibc is asked."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(ctypes.c_size_t(0))
