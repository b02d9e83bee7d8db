"""Several classifiers that vote."""

from __future__ import annotations

from typing import Any

from textdl.classifiers.ensemble import Ensemble, vote
from textdl.classifiers.model import SentimentModel
from textdl.pipeline import StageRun, stage
from textdl.text.corpus import Corpus


@stage(version=2, settings_of=vote, without=("progress",))
def ensemble(
    corpus: Corpus, models: dict[str, SentimentModel], *, run: StageRun, **settings: Any
) -> Ensemble:
    return vote(corpus, models, progress=run, **settings)
