"""What the structures that faiss keeps have in common."""

from __future__ import annotations

import hashlib
import importlib
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.progress import Progress
from textdl.tensors import Tensors
from textdl.vectors.indexes.exact import unit

if TYPE_CHECKING:
    from textdl.vectors.vectors import Vectors

FILE = "index.faiss"

_BLOCK = 1 << 13
_LANES = 16  # faiss has fast kernels for half precision when a vector is a multiple of this


class FaissStructure:
    """Holds the unit vectors in half precision, which ranks candidates well enough and takes half
    the memory.

    Args:
        faiss_index: faiss's object.
    """

    def __init__(self, faiss_index: Any) -> None:
        self.faiss_index = faiss_index

    def save(self, folder: Path) -> Tensors:
        temporary = folder / f".{FILE}.{os.getpid()}"
        try:
            import_faiss().write_index(self.faiss_index, str(temporary))
            digest = _digest(temporary)
            temporary.replace(folder / FILE)
        finally:
            temporary.unlink(missing_ok=True)
        return {"faiss.sha256": digest}

    @classmethod
    def load(cls, vectors: Vectors, folder: Path, tensors: Tensors) -> Self:
        faiss = import_faiss()
        # faiss follows whatever a file says, out of bounds too.
        if not np.array_equal(_digest(folder / FILE), tensors["faiss.sha256"]):
            raise ValueError(f"{FILE} is damaged or of another index")
        faiss_index = faiss.read_index(str(folder / FILE))
        if (faiss_index.ntotal, faiss_index.d) != (len(vectors), width(vectors.dim)):
            raise ValueError(f"{FILE} holds vectors of another shape")
        return cls(faiss_index)

    def _add(self, vectors: Vectors, progress: Progress) -> None:
        for begin in range(0, len(vectors), _BLOCK):
            self.faiss_index.add(padded(vectors.rows(slice(begin, begin + _BLOCK))))
            progress.update(min(begin + _BLOCK, len(vectors)), len(vectors), "words")


def import_faiss() -> Any:
    """The module.

    Raises:
        InputError: it is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of what SWIG generates
            return importlib.import_module("faiss")
    except ModuleNotFoundError as error:
        raise InputError(
            "an index of kind hnsw or ivf needs faiss: pip install 'textdl[ann]', or build one of "
            "kind lsh"
        ) from error


@contextmanager
def threads(number: int) -> Iterator[None]:
    """Have faiss work in so many threads."""
    faiss = import_faiss()
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(number)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def width(dim: int) -> int:
    """How long the vectors are that faiss gets."""
    return -(-dim // _LANES) * _LANES


def padded(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows made unit vectors, with zeros behind them."""
    result = np.zeros((len(rows), width(rows.shape[1])), np.float32)
    result[:, : rows.shape[1]] = unit(rows)
    return result


def _digest(path: Path) -> NDArray[np.uint8]:
    with path.open("rb") as file:
        return np.frombuffer(hashlib.file_digest(file, "sha256").digest(), np.uint8)
