"""Many strings in one buffer: opened in microseconds, shared by processes, decoded on demand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray


class PackedStrings(Sequence[str]):
    """An immutable sequence of strings that lies in one UTF-8 buffer.

    Args:
        data: uint8 ``[bytes]``, the strings one behind the other.
        offsets: int64 ``[n + 1]``, string ``i`` is ``data[offsets[i]:offsets[i + 1]]``.
        order: int32 ``[n]``, the permutation that sorts the strings by their bytes. With it a
            single lookup is a binary search that decodes nothing; without it, it is computed when
            first needed.
    """

    def __init__(
        self,
        data: NDArray[np.uint8],
        offsets: NDArray[np.int64],
        order: NDArray[np.int32] | None = None,
    ) -> None:
        self.data = data
        self.offsets = offsets
        self._order = order

    @classmethod
    def pack(cls, strings: Iterable[str]) -> PackedStrings:
        encoded = [string.encode() for string in strings]
        offsets = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum([len(item) for item in encoded], out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), offsets)

    @property
    def order(self) -> NDArray[np.int32]:
        if self._order is None:
            block = self.data.tobytes()
            keys = [block[begin:end] for begin, end in pairwise(self.offsets.tolist())]
            self._order = np.array(sorted(range(len(keys)), key=keys.__getitem__), np.int32)
        return self._order

    @cached_property
    def _positions(self) -> dict[str, int]:
        # Backwards, so that of equal strings the first wins.
        strings = list(self)
        return {strings[i]: i for i in range(len(strings) - 1, -1, -1)}

    def take(self, rows: NDArray[np.int64]) -> PackedStrings:
        """Some of the strings, by position."""
        starts = self.offsets[rows]
        offsets = np.zeros(len(rows) + 1, np.int64)
        np.cumsum(self.offsets[rows + 1] - starts, out=offsets[1:])
        places = np.repeat(starts - offsets[:-1], np.diff(offsets)) + np.arange(offsets[-1])
        return PackedStrings(self.data[places], offsets)

    def encoded(self, i: int) -> bytes:
        """String ``i`` as UTF-8 bytes."""
        return self.data[self.offsets[i] : self.offsets[i + 1]].tobytes()

    def find(self, string: str) -> int:
        """The position of ``string``, or -1."""
        if "_positions" in self.__dict__:
            return self._positions.get(string, -1)
        key, order, low, high = string.encode(errors="surrogatepass"), self.order, 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.encoded(order[middle]) < key:
                low = middle + 1
            else:
                high = middle
        found = low < len(self) and self.encoded(order[low]) == key
        return int(order[low]) if found else -1

    def find_all(self, strings: Iterable[str]) -> NDArray[np.int64]:
        """The positions of many strings, -1 where there is none, int64 ``[len(strings)]``."""
        positions = self._positions
        return np.fromiter((positions.get(string, -1) for string in strings), np.int64)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, i: int) -> str: ...
    @overload
    def __getitem__(self, i: slice) -> list[str]: ...
    def __getitem__(self, i: int | slice) -> str | list[str]:
        if isinstance(i, slice):
            return [self[j] for j in range(*i.indices(len(self)))]
        if not -len(self) <= i < len(self):
            raise IndexError(f"string {i} of {len(self)}")
        return self.encoded(i % len(self)).decode()

    def __iter__(self) -> Iterator[str]:
        # In blocks: one slice per string of a long buffer is what makes iteration slow.
        for start in range(0, len(self), 65536):
            offsets = self.offsets[start : start + 65537].tolist()
            block = self.data[offsets[0] : offsets[-1]].tobytes()
            first = offsets[0]
            for begin, end in pairwise(offsets):
                yield block[begin - first : end - first].decode()

    def __contains__(self, string: Any) -> bool:
        return isinstance(string, str) and self.find(string) >= 0

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self[:3])) + (", …" if len(self) > 3 else "")
        return f"PackedStrings([{shown}], len={len(self)})"
