"""A run for TensorBoard: the scalars of every training, and word vectors for its projector."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from textdl.errors import InputError
from textdl.report.results import Results

if TYPE_CHECKING:
    from textdl.classifiers import SentimentModel

WORDS = 10_000
"""Words of a table that the projector gets, the first ones."""

MARK = ".textdl"
"""How the names of our event files end."""

PROJECTOR = ("projector_config.pbtxt", "tensors.tsv", "metadata.tsv")

SCALARS = {
    "loss": "loss/training",
    "accuracy": "accuracy/training",
    "validation_loss": "loss/validation",
    "validation_accuracy": "accuracy/validation",
}
"""What is written of an epoch, and as what."""


def write_tensorboard(results: Results, folder: Path) -> list[str]:
    """Write event files and the projector's, each stage in a folder of its own, in place of what
    was written there before.

    Returns:
        The names of these folders.

    Raises:
        InputError: TensorBoard is not installed, there is nothing to write, or a folder holds what
            somebody else wrote.
    """
    written = []
    for name in results.of("model"):
        for run, model in _runs(name, results.load(name)).items():
            if model.history:
                with _writer(folder / run) as writer:
                    for i, epoch in enumerate(model.history, 1):
                        for value, tag in SCALARS.items():
                            writer.add_scalar(tag, getattr(epoch, value), i)
                written.append(run)
    for name in results.of("vectors"):
        vectors = results.load(name)
        words = [word if word.strip() else repr(word) for word in vectors.words[:WORDS]]
        with _writer(folder / name) as writer:
            for i, loss in enumerate(vectors.info.get("losses", ()), 1):
                writer.add_scalar("loss/training", loss, i)
            if len(words) > 1:
                rows = np.asarray(vectors[list(vectors.words[:WORDS])], np.float32)
                writer.add_embedding(rows, metadata=words, tag=name)
        written.append(name)
    if not written:
        raise InputError("the run has no training and no word vectors to write")
    return written


def _runs(name: str, model: SentimentModel) -> dict[str, SentimentModel]:
    """A model by its name, or the members of a sweep by theirs."""
    from textdl.classifiers import Sweep

    if not isinstance(model, Sweep):
        return {name: model}
    return {f"{name}, {member}": its for member, its in model.models.items()}


def _writer(folder: Path) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise InputError(
            f"TensorBoard is not installed ({error}): pip install 'textdl[tensorboard]'"
        ) from error
    _clear(folder)
    return SummaryWriter(str(folder), filename_suffix=MARK)


def _clear(folder: Path) -> None:
    """Remove what an earlier writer wrote."""
    found = [path for path in folder.rglob("*") if not path.is_dir()]
    events = [path for path in found if path.name.endswith(MARK)]
    others = [path for path in found if path not in events and path.name not in PROJECTOR]
    if others or (found and not events):
        raise InputError(
            f"{folder} holds {(others or found)[0].relative_to(folder)}, which textdl didn't "
            "write: name another folder"
        )
    if found:
        shutil.rmtree(folder)
