"""How often words stand near each other."""

from __future__ import annotations

from typing import Any

from textdl.embeddings.cooccurrence import Cooccurrences, count_cooccurrences
from textdl.pipeline import StageRun, stage
from textdl.text.corpus import Corpus


@stage(
    version=1,
    settings_of=count_cooccurrences,
    without=("checkpoints", "progress"),
    unkeyed=("memory", "workers"),
)
def cooccurrences(corpus: Corpus, *, run: StageRun, **settings: Any) -> Cooccurrences:
    return count_cooccurrences(
        corpus, run.output, checkpoints=run.checkpoints, progress=run, **settings
    )
