"""Word vectors by skip-gram."""

from __future__ import annotations

from typing import Any

from textdl.embeddings.skipgram import train_skipgram
from textdl.pipeline import StageRun, stage
from textdl.text.corpus import Corpus
from textdl.vectors import Vectors


@stage(
    version=2,
    settings_of=train_skipgram,
    without=("init", "checkpoints", "progress"),
    unkeyed=("checkpoint_words",),
)
def skipgram(
    corpus: Corpus, init: Vectors | None = None, *, run: StageRun, **settings: Any
) -> Vectors:
    return train_skipgram(corpus, init=init, checkpoints=run.checkpoints, progress=run, **settings)
