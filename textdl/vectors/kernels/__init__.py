"""Loops over vectors and their files, which Numba compiles where there is much to do."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any


@cache
def looped(name: str, compiled: bool) -> Callable[..., Any]:
    """A loop of :mod:`textdl.vectors.kernels.records`; as it is for little, since loading Numba
    takes longer than that."""
    from textdl.vectors.kernels import records

    loop: Callable[..., Any] = getattr(records, name)
    if not compiled:
        return loop
    from numba import njit

    return njit(nogil=True, cache=True)(loop)  # type: ignore[no-any-return]
