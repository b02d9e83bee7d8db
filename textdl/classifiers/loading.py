"""Opening a saved model."""

from __future__ import annotations

import os
from pathlib import Path

from textdl.classifiers.model import SentimentModel
from textdl.errors import InputError


def load_model(path: str | os.PathLike[str]) -> SentimentModel:
    """Open a saved model, such as ``runs/imdb/textcnn``.

    Raises:
        InputError: there is no such folder, or it holds no model.
    """
    folder = Path(path)
    if not folder.exists():
        raise InputError(f"{folder}: no such folder")
    if not (folder / "model.json").is_file():
        raise InputError(
            f"{folder}: holds no model.json. Name a folder of a classifier, "
            "such as runs/quickstart/textcnn"
        )
    return SentimentModel.load(folder)
