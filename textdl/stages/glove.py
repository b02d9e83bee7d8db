"""Word vectors by GloVe."""

from __future__ import annotations

from typing import Any

from textdl.embeddings.cooccurrence import Cooccurrences
from textdl.embeddings.glove import train_glove
from textdl.pipeline import StageRun, stage
from textdl.vectors import Vectors


@stage(
    version=1,
    settings_of=train_glove,
    without=("init", "checkpoints", "progress"),
    unkeyed=("checkpoint_cells",),
)
def glove(
    counts: Cooccurrences, init: Vectors | None = None, *, run: StageRun, **settings: Any
) -> Vectors:
    return train_glove(counts, init=init, checkpoints=run.checkpoints, progress=run, **settings)
