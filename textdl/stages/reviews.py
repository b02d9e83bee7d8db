"""Texts from the Hub, from files, or synthetic ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textdl.pipeline import StageRun, stage
from textdl.text.documents import Documents
from textdl.text.sources import dataset_files, read_documents


def _files(settings: dict[str, Any]) -> dict[str, Path] | None:
    """The files of a local dataset by their place in it, which decides their splits and labels."""
    paths = dataset_files(settings["dataset"], settings["config"])
    root = Path(settings["dataset"]).expanduser()
    if paths is None:
        return None
    if root.is_file():
        return {f"file{''.join(root.suffixes)}": root}
    return {f"folder/{path.relative_to(root).as_posix()}": path for path in paths}


@stage(version=1, settings_of=read_documents, files={"dataset": _files})
def reviews(*, dataset: str, run: StageRun, **settings: Any) -> Documents:
    return read_documents(dataset, run.output, **settings)
