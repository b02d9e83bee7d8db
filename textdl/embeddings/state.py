"""The two matrices of a model in training, and how they survive a killed process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdl.embeddings.checkpoint import open_checkpoint, save_checkpoint
from textdl.progress import Progress

ROW = 16
"""Rows are padded to a multiple of so many floats: a cache line."""

BLOCK = 16384  # rows that are dealt with at once

_PROGRESS = ("words_done", "losses", "epoch_pairs", "held_out_losses", "loss", "pairs")


@dataclass
class State:
    """A model in training.

    Attributes:
        inputs, outputs: float32 ``[rows, padded dim]``; rows begin at cache lines.
        words_done: how far training is, in words of the corpus, all epochs counted.
        losses, epoch_pairs: the mean loss per pair of each finished epoch, and over how many.
        held_out_losses: the same on what is held out, after each epoch.
        loss, pairs: the sums over the epoch that is under way.
        best: the matrices after the epoch with the least held-out loss, if they are wanted.
    """

    inputs: NDArray[np.float32]
    outputs: NDArray[np.float32]
    words_done: int = 0
    losses: list[float] = field(default_factory=list)
    epoch_pairs: list[int] = field(default_factory=list)
    held_out_losses: list[float] = field(default_factory=list)
    loss: float = 0.0
    pairs: int = 0
    best: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None

    @classmethod
    def initial(
        cls, rows: int, dim: int, seed: int, *, outputs: int | None = None, scale: float = 0.5
    ) -> State:
        """Inputs evenly between -``scale``/dim and ``scale``/dim, outputs zero.

        Args:
            outputs: the rows of ``outputs``, default ``rows``.
            scale: word2vec.c begins with 0.5, fastText with 1.
        """
        state = cls(aligned(rows, dim), aligned(rows if outputs is None else outputs, dim))
        size = np.float32(2 * scale / dim)

        def fill(start: int) -> None:
            block = state.inputs[start : start + BLOCK, :dim]
            random = np.random.default_rng([seed, start] if start else seed)
            block[:] = (random.random(block.shape, np.float32) - np.float32(0.5)) * size

        with ThreadPoolExecutor() as pool:  # a table of n-grams has hundreds of millions of numbers
            list(pool.map(fill, range(0, rows, BLOCK)))
        return state

    def keep_best(self) -> None:
        """Copy the matrices."""
        self.best = self.inputs.copy(), self.outputs.copy()

    def save(self, folder: Path, identity: dict[str, Any]) -> None:
        """Write a checkpoint; a crash leaves the one before."""
        arrays = {"inputs": self.inputs, "outputs": self.outputs}
        if self.best:
            arrays["best.inputs"], arrays["best.outputs"] = self.best
        reached = {name: getattr(self, name) for name in _PROGRESS}
        save_checkpoint(folder, arrays, reached, identity)

    @classmethod
    def restore(cls, folder: Path, identity: dict[str, Any], progress: Progress) -> State | None:
        """The state of a checkpoint, None if there is none or a damaged one.

        Raises:
            InputError: the checkpoint was written by another training.
        """
        found = open_checkpoint(folder, identity, progress)
        if found is None:
            return None
        arrays, reached = found
        state = cls(_copied(arrays["inputs"]), _copied(arrays["outputs"]), **reached)
        if "best.inputs" in arrays:
            state.best = _copied(arrays["best.inputs"]), _copied(arrays["best.outputs"])
        return state


def aligned(rows: int, dim: int) -> NDArray[np.float32]:
    """Zeros, float32 ``[rows, dim padded to a multiple of ROW]``; rows begin at cache lines."""
    width = -(-dim // ROW) * ROW
    buffer = np.zeros((rows * width + ROW) * 4, np.uint8)
    start = -buffer.ctypes.data % 64
    return buffer[start : start + rows * width * 4].view(np.float32).reshape(rows, width)


def _copied(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    copy = aligned(*matrix.shape)
    copy[:] = matrix
    return copy


def unpadded(matrix: NDArray[np.float32], dim: int) -> NDArray[np.float32]:
    """The first ``dim`` columns, contiguous. They are moved together in the matrix' own memory, so
    that a large one takes no second copy; ``matrix`` is no longer to be used."""
    rows, width = matrix.shape
    if width == dim:
        return matrix
    flat = matrix.reshape(-1)
    for start in range(0, rows, BLOCK):
        part = matrix[start : start + BLOCK, :dim].copy()
        flat[start * dim : start * dim + part.size] = part.reshape(-1)
    return flat[: rows * dim].reshape(rows, dim)
