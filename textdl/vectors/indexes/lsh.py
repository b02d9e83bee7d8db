"""Signatures of bits, each of which says on which side of a plane a vector is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from textdl.progress import Progress
from textdl.tensors import Tensors
from textdl.threads import Threads
from textdl.vectors.indexes.exact import unit
from textdl.vectors.indexes.structure import Settings

if TYPE_CHECKING:
    from textdl.vectors.vectors import Vectors

_BLOCK = 1 << 14


class Lsh:
    """Random hyperplanes (Charikar 2002, "Similarity Estimation Techniques from Rounding
    Algorithms"): two signatures differ in a share of the bits that is the angle over pi. All of
    them are compared with the query's.

    Args:
        planes: float32 ``[bits, dim]``.
        signatures: uint64 ``[words, bits / 64]``.
    """

    def __init__(self, planes: NDArray[np.float32], signatures: NDArray[np.uint64]) -> None:
        self.planes = planes
        self.signatures = signatures
        # Saved ones are mapped and can't be written: one compiled kernel serves both.
        self.signatures.flags.writeable = False

    @classmethod
    def defaults(cls, words: int) -> Settings:
        return {"bits": 512, "candidates": 500}

    @classmethod
    def build(cls, vectors: Vectors, settings: Settings, seed: int, progress: Progress) -> Lsh:
        planes = _planes(settings["bits"], vectors.dim, seed)
        signatures = np.empty((len(vectors), settings["bits"] // 64), np.uint64)
        for begin in range(0, len(vectors), _BLOCK):
            rows = vectors.rows(slice(begin, begin + _BLOCK))
            signatures[begin : begin + _BLOCK] = _signatures(rows, planes)
            progress.update(begin + len(rows), len(vectors), "words")
        return cls(planes, signatures)

    def candidates(
        self, queries: NDArray[np.float32], top: int, settings: Settings
    ) -> NDArray[np.int64]:
        from textdl.vectors.kernels.hamming import nearest_signatures

        number = min(max(settings["candidates"], top), len(self.signatures))
        nearest = np.empty((len(queries), number), np.int64)
        signatures = _signatures(queries, self.planes)

        def find(query: int) -> None:
            nearest_signatures(self.signatures, signatures[query], nearest[query])

        with Threads(None if len(queries) > 1 else 1) as threads:
            for _ in threads.map(find, range(len(queries))):
                pass
        return nearest

    def save(self, folder: Path) -> Tensors:
        return {"planes": self.planes, "signatures": self.signatures.view(np.int64)}

    @classmethod
    def load(cls, vectors: Vectors, folder: Path, tensors: Tensors) -> Lsh:
        planes, signatures = tensors["planes"], tensors["signatures"].view(np.uint64)
        shapes = (len(planes), vectors.dim), (len(vectors), len(planes) // 64)
        if (planes.shape, signatures.shape) != shapes:
            raise ValueError("planes and signatures are of another shape")
        if planes.dtype != np.float32:
            raise ValueError("the planes are of another type")
        return cls(planes, signatures)


def _planes(bits: int, dim: int, seed: int) -> NDArray[np.float32]:
    """Normals of planes in random directions, orthogonal as far as ``dim`` allows, so that fewer
    bits say the same (Ji et al. 2012, "Super-Bit Locality-Sensitive Hashing")."""
    random = np.random.default_rng(seed)
    batches = [
        np.linalg.qr(random.standard_normal((dim, min(dim, bits - begin))))[0].T
        for begin in range(0, bits, dim)
    ]
    return np.concatenate(batches).astype(np.float32)


def _signatures(rows: NDArray[np.float32], planes: NDArray[np.float32]) -> NDArray[np.uint64]:
    return np.packbits(unit(rows) @ planes.T > 0, axis=1).view(np.uint64)
