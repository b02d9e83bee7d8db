"""What survives a killed training: one file with its arrays and how far it got."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.paging import release
from textdl.progress import Progress
from textdl.tensors import open_tensors, save_tensors
from textdl.text.corpus import Corpus
from textdl.vectors import Vectors

FILE = "checkpoint.safetensors"
BLOCK = 1 << 22


def digest(*arrays: NDArray[Any]) -> str:
    """A checksum over the contents of arrays, which may be memory-mapped."""
    total = hashlib.blake2b(digest_size=16)
    for array in arrays:
        total.update(f"{array.dtype}{array.shape}".encode())
        for start in range(0, len(array), BLOCK):
            total.update(np.ascontiguousarray(array[start : start + BLOCK]).data)
            if isinstance(array, np.memmap):  # Of a map that is no file it would take the contents.
                release(array)
    return total.hexdigest()


def digest_of_corpus(corpus: Corpus) -> str:
    """A checksum over all that is trained on."""
    return digest(corpus.tokens, corpus.offsets, *corpus.vocab.content())


def digest_of_vectors(vectors: Vectors | None) -> str | None:
    """A checksum over all that a training begins with; None for nothing."""
    if vectors is None:
        return None
    context = [] if vectors.context is None else [vectors.context]
    return digest(vectors.words.offsets, vectors.words.data, vectors.matrix, *context)


def save_checkpoint(
    folder: Path, arrays: dict[str, NDArray[Any]], reached: dict[str, Any], identity: dict[str, Any]
) -> None:
    """Write a checkpoint; a crash leaves the one before.

    Args:
        arrays: by name.
        reached: JSON that says how far training is.
        identity: JSON that tells one training from another: settings and corpus.
    """
    folder.mkdir(parents=True, exist_ok=True)
    metadata = {"progress": json.dumps({"reached": reached, "identity": identity})}
    save_tensors(folder / FILE, arrays, metadata)


def open_checkpoint(
    folder: Path, identity: dict[str, Any], progress: Progress
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]] | None:
    """The arrays of a checkpoint, memory-mapped, and how far it is; None if there is none.
    A damaged one is as good as none.

    Raises:
        InputError: the checkpoint was written by another training.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        arrays, metadata = open_tensors(path)
        written = json.loads(metadata["progress"])
        reached, author = written["reached"], written["identity"]
    except (InputError, AttributeError, KeyError, TypeError, ValueError) as error:
        progress.note(f"ignoring a damaged checkpoint, starting anew: {error}")
        return None
    if author != json.loads(json.dumps(identity)):
        raise InputError(
            f"{path}: written by a training with other settings or another corpus. Give "
            "checkpoints another folder, or remove the file to begin anew"
        )
    return arrays, reached
