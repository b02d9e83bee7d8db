"""Random numbers for kernels: SplitMix64 (Steele, Lea & Flood 2014, "Fast Splittable Pseudorandom
Number Generators"), whose n-th number is a function of n, so that any part of a stream can be had
without the parts before it."""

from __future__ import annotations

import numpy as np
from numba import njit

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


@njit(inline="always")
def mix(x: np.uint64) -> np.uint64:
    """A 64-bit number in which every bit depends on every bit of ``x``."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@njit(inline="always")
def high(r: np.uint64) -> np.uint64:
    """The upper 32 bits."""
    return r >> _32


@njit(inline="always")
def below(r: np.uint64, n: np.uint64) -> np.uint64:
    """The lower 32 bits as a number from 0 to n - 1 (Lemire 2019, "Fast Random Integer Generation
    in an Interval", without the rejection: the bias is at most n / 2³²)."""
    return ((r & _LOW) * n) >> _32


@njit(inline="always")
def draw(r: np.uint64, thresholds, aliases):
    """A row of an alias table (Walker 1977), drawn with one random number."""
    i = below(r, np.uint64(len(thresholds)))
    return np.int32(i) if high(r) < thresholds[i] else aliases[i]
