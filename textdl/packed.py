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
        return cls.pack_bytes([string.encode() for string in strings])

    @classmethod
    def pack_bytes(cls, encoded: Sequence[bytes]) -> PackedStrings:
        """The same from strings that are UTF-8 already."""
        offsets = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum([len(item) for item in encoded], out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), offsets)

    @classmethod
    def between(cls, data: NDArray[np.uint8], bounds: NDArray[np.int64]) -> PackedStrings:
        """Copies of ``data[begin:end]``, for the int64 ``[n, 2]`` ``bounds``."""
        lengths = bounds[:, 1] - bounds[:, 0]
        offsets = np.zeros(len(bounds) + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        places = np.repeat(bounds[:, 0] - offsets[:-1], lengths) + np.arange(offsets[-1])
        return cls(np.asarray(data)[places], offsets)

    @classmethod
    def join(cls, parts: Sequence[PackedStrings]) -> PackedStrings:
        """All strings of all parts."""
        lengths = [np.diff(part.offsets) for part in parts]
        offsets = np.zeros(sum(map(len, lengths)) + 1, np.int64)
        np.cumsum(np.concatenate([*lengths, np.zeros(0, np.int64)]), out=offsets[1:])
        data = [part.data[part.offsets[0] : part.offsets[-1]] for part in parts]
        return cls(np.concatenate([*data, np.zeros(0, np.uint8)]), offsets)

    def first(self, n: int) -> PackedStrings:
        """The first ``n`` strings; shares their buffer."""
        return self if n >= len(self) else PackedStrings(self.data, self.offsets[: n + 1])

    @property
    def order(self) -> NDArray[np.int32]:
        """The permutation that sorts the strings by their bytes, int32 ``[n]``."""
        if self._order is None:
            self._order = _sort(self)[0]
        return self._order

    def repeated(self) -> NDArray[np.int64]:
        """Where strings are that occurred before, int64, ascending."""
        order, same = _sort(self)
        if self._order is None:
            self._order = order
        return np.sort(order[same]).astype(np.int64)

    @cached_property
    def _positions(self) -> dict[str, int]:
        # Backwards, so that of equal strings the first wins.
        strings = list(self)
        return {strings[i]: i for i in range(len(strings) - 1, -1, -1)}

    def take(self, rows: NDArray[np.int64]) -> PackedStrings:
        """Some of the strings, by position."""
        return PackedStrings.between(
            self.data, np.stack([self.offsets[rows], self.offsets[rows + 1]], axis=1)
        )

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
        strings = list(strings)
        if "_positions" in self.__dict__ or len(self) < 20 * len(strings):
            positions = self._positions
            return np.fromiter((positions.get(string, -1) for string in strings), np.int64)
        return np.fromiter(map(self.find, strings), np.int64, len(strings))

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


def _sort(strings: PackedStrings) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """The permutation that sorts strings by their bytes, equal ones by place; and which of the
    sorted ones equal the one before.

    Eight bytes at a time are compared as numbers, of strings that are still tied.
    """
    lengths = np.diff(strings.offsets)
    order = np.arange(len(lengths), dtype=np.int32)
    same = np.zeros(len(lengths), np.bool_)
    padded = np.concatenate([strings.data, np.zeros(8, np.uint8)])
    eights = np.lib.stride_tricks.sliding_window_view(padded, 8)
    # Of millions of strings every array counts: small types, and results in place.
    tied, groups, depth = order.copy(), np.zeros(len(lengths), np.int32), 0
    while len(tied):
        rows = order[tied]
        left = np.clip(lengths[rows] - depth, 0, 9).astype(np.int8)
        starts = np.minimum(strings.offsets[rows] + depth, len(strings.data))
        keys = eights[starts].view(">u8")[:, 0].astype(np.uint64)
        del starts
        keys[left == 0] = 0
        beyond = (np.uint8(8) * (8 - np.clip(left, 1, 8)).astype(np.uint8)).astype(np.uint64)
        keys >>= beyond
        keys <<= beyond
        del beyond
        by = np.lexsort((left, keys, groups))
        order[tied], left, keys = rows[by], left[by], keys[by]
        del by, rows
        new = np.ones(len(tied), np.bool_)
        new[1:] = (groups[1:] != groups[:-1]) | (keys[1:] != keys[:-1]) | (left[1:] != left[:-1])
        del keys
        same[tied] = ~new & (left <= 8)
        groups = np.cumsum(new, dtype=np.int32)
        again = (np.bincount(groups)[groups] > 1) & (left == 9)
        tied, groups = tied[again], groups[again]
        depth += 8
    return order, same
