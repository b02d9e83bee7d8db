"""Word vectors by CBOW."""

from __future__ import annotations

from typing import Any

from textdl.embeddings.cbow import train_cbow
from textdl.pipeline import StageRun, stage
from textdl.text.corpus import Corpus
from textdl.vectors import Vectors


@stage(
    version=1,
    settings_of=train_cbow,
    without=("init", "checkpoints", "progress"),
    unkeyed=("checkpoint_words",),
)
def cbow(corpus: Corpus, init: Vectors | None = None, *, run: StageRun, **settings: Any) -> Vectors:
    return train_cbow(corpus, init=init, checkpoints=run.checkpoints, progress=run, **settings)
