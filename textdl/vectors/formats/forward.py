"""Bytes of a file: from front to back, or all of them mapped."""

from __future__ import annotations

import mmap
import shutil
import tempfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdl.paging import release
from textdl.vectors.sources import Source


class Forward:
    """Shows what comes next in a file: of a local one as mapped memory, of another as it is
    decompressed."""

    def __init__(self, source: Source, start: int = 0) -> None:
        self._position = start
        self._mapped: Any = None
        if source.path is not None:
            self._mapped = np.memmap(source.path, np.uint8, "r") if source.size else b""
        else:
            self._file, self._held, self._at = source.open(), b"", 0

    def next(self, size: int) -> NDArray[np.uint8]:
        """The next ``size`` bytes from where it is, fewer at the end; uint8."""
        start = self._position
        if self._mapped is not None:
            found = self._mapped[start : start + size]
            return np.asarray(found) if len(found) else np.zeros(0, np.uint8)
        while self._at + len(self._held) < start + size:
            if self._at + len(self._held) <= start:
                self._at, self._held = self._at + len(self._held), b""
            block = self._file.read(max(1 << 16, start + size - self._at - len(self._held)))
            if not block:
                break
            self._held += block
        return np.frombuffer(self._held, np.uint8)[start - self._at :][:size]

    def advance(self, size: int) -> None:
        """Go on by so many bytes; what lies before is forgotten."""
        before, self._position = self._position, self._position + size
        if self._mapped is not None:
            if before >> 23 != self._position >> 23:  # every 8 MB
                release(self._mapped)
        else:
            self._held = self._held[self._position - self._at :]
            self._at = self._position


def mapped(source: Source) -> mmap.mmap:
    """All bytes of a source; what has to be decompressed goes to a temporary file, which vanishes
    with the map."""
    if source.path is not None:
        with source.path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    with tempfile.TemporaryFile() as unpacked, source.open() as file:
        shutil.copyfileobj(file, unpacked, 1 << 20)
        unpacked.flush()
        return mmap.mmap(unpacked.fileno(), 0, access=mmap.ACCESS_READ)
