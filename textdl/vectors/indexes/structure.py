"""What finds candidates for the nearest words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.progress import Progress
from textdl.tensors import Tensors

if TYPE_CHECKING:
    from textdl.vectors.vectors import Vectors

Settings = dict[str, int]


class Structure(Protocol):
    """Finds rows that are likely among the nearest; the index scores them exactly."""

    @classmethod
    def defaults(cls, words: int) -> Settings:
        """Every setting of the kind, for so many words."""
        ...

    @classmethod
    def build(cls, vectors: Vectors, settings: Settings, seed: int, progress: Progress) -> Self:
        """Make it for all rows.

        Raises:
            InputError: a setting does not fit the vectors, or a library is not installed.
        """
        ...

    def candidates(
        self, queries: NDArray[np.float32], top: int, settings: Settings
    ) -> NDArray[np.int64]:
        """Rows for each query, distinct, in any order, -1 where there are no more.

        Args:
            queries: float32 ``[q, dim]``, unit vectors.
            top: so many of them will be asked for, at most as many as there are rows.

        Returns:
            int64 ``[q, candidates]`` with at least ``top`` columns.
        """
        ...

    def save(self, folder: Path) -> Tensors:
        """Arrays from which :meth:`load` makes it again; what is none is written to ``folder``."""
        ...

    @classmethod
    def load(cls, vectors: Vectors, folder: Path, tensors: Tensors) -> Self:
        """What :meth:`save` saved.

        Raises:
            InputError: a library is not installed.
            OSError, KeyError, ValueError: something is missing or damaged.
        """
        ...


def changed(kind: str, settings: Settings, given: dict[str, int | None]) -> Settings:
    """Settings with those that were given, not None, in their place.

    Raises:
        InputError: one is a setting of another kind, or below 1.
    """
    new = {name: value for name, value in given.items() if value is not None}
    for name, value in new.items():
        if name not in settings:
            has = f"its settings are {', '.join(settings)}" if settings else "it has none"
            raise InputError(f"{name} is no setting of an index of kind {kind!r}: {has}")
        if value < 1:
            raise InputError(f"{name}: {value} is less than 1")
    return settings | new
