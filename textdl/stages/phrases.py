"""A corpus whose phrases are single tokens."""

from __future__ import annotations

from typing import Any

from textdl.pipeline import StageRun, stage
from textdl.text.corpus import Corpus
from textdl.text.phrases import find_phrases


@stage(version=1, settings_of=find_phrases, without=("progress",))
def phrases(corpus: Corpus, *, run: StageRun, **settings: Any) -> Corpus:
    return find_phrases(corpus, run.output, progress=run, **settings)
