"""Subword pieces learned from texts."""

from __future__ import annotations

from typing import Any

from textdl.pipeline import StageRun, stage
from textdl.text.documents import Documents
from textdl.text.pieces import train_bpe
from textdl.text.tokenizers import BpeTokenizer


@stage(version=1, settings_of=train_bpe, without=("progress",))
def bpe(documents: Documents, *, run: StageRun, **settings: Any) -> BpeTokenizer:
    return train_bpe(documents, progress=run, **settings)
