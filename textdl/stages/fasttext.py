"""Vectors of words and their character n-grams."""

from __future__ import annotations

from typing import Any

from textdl.embeddings.fasttext import train_fasttext
from textdl.pipeline import StageRun, stage
from textdl.text.corpus import Corpus
from textdl.vectors import Vectors


@stage(
    version=1,
    settings_of=train_fasttext,
    without=("init", "checkpoints", "progress"),
    unkeyed=("checkpoint_words",),
)
def fasttext(
    corpus: Corpus, init: Vectors | None = None, *, run: StageRun, **settings: Any
) -> Vectors:
    return train_fasttext(corpus, init=init, checkpoints=run.checkpoints, progress=run, **settings)
