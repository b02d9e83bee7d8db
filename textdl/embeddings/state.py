"""The two matrices of a model in training, and how they survive a killed process."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.progress import Progress
from textdl.tensors import open_tensors, save_tensors

ROW = 16  # floats in a cache line


@dataclass
class State:
    """A model in training.

    Attributes:
        inputs, outputs: float32 ``[words, padded dim]``; rows begin at cache lines.
        words_done: how far training is, in words of the corpus, all epochs counted.
        losses: the mean loss of each finished epoch.
        loss, pairs: the sums over the epoch that is under way.
    """

    inputs: NDArray[np.float32]
    outputs: NDArray[np.float32]
    words_done: int = 0
    losses: list[float] = field(default_factory=list)
    loss: float = 0.0
    pairs: int = 0

    @classmethod
    def initial(cls, words: int, dim: int, seed: int) -> State:
        """Inputs evenly between -1/(2·dim) and 1/(2·dim), outputs zero, as word2vec.c begins."""
        state = cls(_aligned(words, dim), _aligned(words, dim))
        random = np.random.default_rng(seed)
        for start in range(0, words, 16384):
            block = state.inputs[start : start + 16384, :dim]
            block[:] = (random.random(block.shape, np.float32) - 0.5) / dim
        return state

    def save(self, folder: Path, settings: dict[str, Any]) -> None:
        """Write a checkpoint; a crash leaves the one before."""
        progress = {
            "words_done": self.words_done,
            "losses": self.losses,
            "loss": self.loss,
            "pairs": self.pairs,
            "settings": settings,
        }
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {"inputs": self.inputs, "outputs": self.outputs}
        metadata = {"progress": json.dumps(progress)}
        save_tensors(folder / "checkpoint.safetensors", tensors, metadata)

    @classmethod
    def restore(cls, folder: Path, settings: dict[str, Any], progress: Progress) -> State | None:
        """The state of a checkpoint, None if there is none. A damaged one is as good as none.

        Raises:
            InputError: the checkpoint was written by a training with other settings.
        """
        path = folder / "checkpoint.safetensors"
        if not path.exists():
            return None
        try:
            tensors, metadata = open_tensors(path)
            reached = json.loads(metadata["progress"])
            written_with, matrices = (
                reached.pop("settings"),
                (tensors["inputs"], tensors["outputs"]),
            )
        except (InputError, AttributeError, KeyError, ValueError) as error:
            progress.note(f"ignoring a damaged checkpoint, starting anew: {error}")
            return None
        if written_with != json.loads(json.dumps(settings)):
            raise InputError(
                f"{path}: written by a training with other settings or another corpus. Give "
                "checkpoints another folder, or remove the file to begin anew"
            )
        words, dim = matrices[0].shape
        state = cls(_aligned(words, dim), _aligned(words, dim), **reached)
        state.inputs[:], state.outputs[:] = matrices
        return state


def _aligned(words: int, dim: int) -> NDArray[np.float32]:
    width = -(-dim // ROW) * ROW
    buffer = np.zeros((words * width + ROW) * 4, np.uint8)
    start = -buffer.ctypes.data % 64
    return buffer[start : start + words * width * 4].view(np.float32).reshape(words, width)
