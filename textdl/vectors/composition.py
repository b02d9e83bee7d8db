"""How a word without a row of its own gets a vector."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

KINDS = {
    "subwords": "textdl.vectors.subwords:SubwordComposition",
    "pieces": "textdl.vectors.pieces:PieceComposition",
}
"""Where the class of a kind is; imported when vectors of the kind are loaded."""


class Composition(Protocol):
    """Makes vectors for any string, from parts of it that were trained.

    Attributes:
        kind: its name in :data:`KINDS`.
    """

    kind: ClassVar[str]

    def compose(
        self, word: str, find: Callable[[str], int], matrix: NDArray[np.float32]
    ) -> NDArray[np.float32] | None:
        """The vector of ``word``, float32 ``[dim]``; None if no part of it is known.

        Args:
            find: ``find(part)`` is the row of a part in ``matrix``, -1 if it has none.
            matrix: float32 ``[words, dim]``, the vectors of the words with a row.
        """
        ...

    def narrowed(self, rows: NDArray[np.int64]) -> Composition | None:
        """The same when only some rows stay; None if it needs them all."""
        ...

    def settings(self) -> dict[str, Any]:
        """JSON that builds it again, together with :meth:`tensors`."""
        ...

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Arrays that are saved beside the vectors."""
        ...

    @classmethod
    def restore(cls, settings: dict[str, Any], tensors: dict[str, NDArray[Any]]) -> Composition:
        """What :meth:`settings` and :meth:`tensors` were taken from."""
        ...


def restore_composition(
    kind: str, settings: dict[str, Any], tensors: dict[str, NDArray[Any]]
) -> Composition:
    """The composition of a kind that was saved as settings and tensors.

    Raises:
        ValueError: there is no such kind.
        KeyError: a setting or an array is missing.
    """
    if kind not in KINDS:
        raise ValueError(f"composition {kind!r} is none of {', '.join(KINDS)}: is textdl too old?")
    module, name = KINDS[kind].split(":")
    found: type[Composition] = getattr(importlib.import_module(module), name)
    return found.restore(settings, tensors)
