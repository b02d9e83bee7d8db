"""Texts from the Hub, from files, or synthetic ones."""

from __future__ import annotations

from typing import Any

from textdl.pipeline import StageRun, stage
from textdl.text.documents import Documents
from textdl.text.sources import dataset_files, read_documents


@stage(version=1, settings_of=read_documents, files={"dataset": dataset_files})
def reviews(*, dataset: str, run: StageRun, **settings: Any) -> Documents:
    return read_documents(dataset, run.output, **settings)
