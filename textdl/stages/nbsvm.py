"""The baseline that is hard to beat: a linear classifier over weighed n-grams."""

from __future__ import annotations

from typing import Any

from textdl.classifiers.model import SentimentModel
from textdl.classifiers.nbsvm import fit_nbsvm
from textdl.pipeline import StageRun, stage
from textdl.text.corpus import Corpus


@stage(version=2, settings_of=fit_nbsvm, without=("progress",))
def nbsvm(corpus: Corpus, *, run: StageRun, **settings: Any) -> SentimentModel:
    return fit_nbsvm(corpus, progress=run, **settings)
