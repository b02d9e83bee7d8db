"""A corpus in which documents without a label have the one that a model gives them."""

from __future__ import annotations

from typing import Any

from textdl.classifiers.model import SentimentModel
from textdl.classifiers.selftraining import pseudo_label
from textdl.pipeline import StageRun, stage
from textdl.text.corpus import Corpus


@stage(version=1, settings_of=pseudo_label, without=("progress",))
def pseudo_labels(
    corpus: Corpus, model: SentimentModel, *, run: StageRun, **settings: Any
) -> Corpus:
    return pseudo_label(corpus, model, progress=run, **settings)
