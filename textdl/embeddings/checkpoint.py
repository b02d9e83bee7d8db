"""What survives a killed training: one file with its arrays and how far it got."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.progress import Progress
from textdl.tensors import open_tensors, save_tensors

FILE = "checkpoint.safetensors"


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
