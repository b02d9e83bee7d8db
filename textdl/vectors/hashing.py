"""The hashes of many byte strings at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def fnv1a(
    text: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> NDArray[np.uint32]:
    """The 32-bit FNV-1a hash of ``text[start : start + length]`` for every start, uint32
    ``[len(starts)]``, as fastText has it: bytes from 128 on are extended with their sign."""
    extended = text.view(np.int8).astype(np.int32).view(np.uint32)
    hashes = np.full(len(starts), 2166136261, np.uint32)
    prime = np.uint32(16777619)
    shortest, longest = int(lengths.min(initial=1 << 62)), int(lengths.max(initial=0))
    for i in range(min(shortest, longest)):
        hashes ^= extended[starts + i]
        hashes *= prime
    active = np.arange(len(starts))
    for i in range(shortest, longest):
        active = active[lengths[active] > i]
        hashes[active] = (hashes[active] ^ extended[starts[active] + i]) * prime
    return hashes


def murmur3(
    text: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64], seed: int
) -> NDArray[np.uint32]:
    """The 128-bit MurmurHash3 (x64) of ``text[start : start + length]`` for every start, uint32
    ``[len(starts), 4]``, the lowest 32 bits first."""
    eights = _eights(text)
    h1 = np.full(len(starts), seed, np.uint64)
    h2 = h1.copy()
    active = np.arange(len(starts))
    for i in range(0, int(lengths.max(initial=0)) - 15, 16):
        active = active[lengths[active] >= i + 16]
        at = starts[active] + i
        a = _rotated(h1[active] ^ _mixed1(eights[at]), 27) + h2[active]
        h1[active] = a * np.uint64(5) + np.uint64(0x52DCE729)
        b = _rotated(h2[active] ^ _mixed2(eights[at + 8]), 31) + h1[active]
        h2[active] = b * np.uint64(5) + np.uint64(0x38495AB5)
    # What is left behind the last 16 bytes, with zeros behind it; nothing leaves the hash as it is.
    left = lengths % 16
    at = starts + lengths - left
    h1 ^= _mixed1(eights[at] & _LOW[np.minimum(left, 8)])
    h2 ^= _mixed2(eights[at + 8] & _LOW[np.maximum(left - 8, 0)])
    h1 ^= lengths.astype(np.uint64)
    h2 ^= lengths.astype(np.uint64)
    h1 += h2
    h2 += h1
    h1, h2 = _scrambled(h1), _scrambled(h2)
    h1 += h2
    h2 += h1
    return np.stack([h1, h2], axis=1).astype("<u8").view("<u4").astype(np.uint32, copy=False)


# The lowest 0 to 8 bytes of a number.
_LOW = np.array([(1 << 8 * n) - 1 for n in range(9)], np.uint64)


def _eights(text: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """The eight bytes from every byte on as one number; zeros behind the end."""
    padded = np.zeros(len(text) + 24, np.uint8)
    padded[: len(text)] = text
    eights = np.zeros(len(text) + 16, np.uint64)
    for i in range(8):
        eights |= padded[i : i + len(eights)].astype(np.uint64) << np.uint64(8 * i)
    return eights


def _rotated(x: NDArray[np.uint64], bits: int) -> NDArray[np.uint64]:
    return (x << np.uint64(bits)) | (x >> np.uint64(64 - bits))


def _mixed1(k: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return _rotated(k * np.uint64(0x87C37B91114253D5), 31) * np.uint64(0x4CF5AD432745937F)


def _mixed2(k: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return _rotated(k * np.uint64(0x4CF5AD432745937F), 33) * np.uint64(0x87C37B91114253D5)


def _scrambled(h: NDArray[np.uint64]) -> NDArray[np.uint64]:
    h = (h ^ (h >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    h = (h ^ (h >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return h ^ (h >> np.uint64(33))
