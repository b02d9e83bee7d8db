"""The fast baseline: a linear classifier over the mean of word and n-gram vectors."""

from __future__ import annotations

from typing import Annotated, Any

from annotated_types import Ge

from textdl.classifiers.bagofvectors import train_bag_of_vectors
from textdl.classifiers.model import SentimentModel
from textdl.classifiers.sweep import sweep
from textdl.pipeline import StageRun, stage
from textdl.text.corpus import Corpus
from textdl.vectors import Vectors


@stage(version=2, settings_of=train_bag_of_vectors, without=("progress",))
def bag_of_vectors(
    corpus: Corpus,
    vectors: Vectors | None = None,
    *,
    seeds: Annotated[int, Ge(1)] = 1,
    run: StageRun,
    **settings: Any,
) -> SentimentModel:
    return sweep(
        train_bag_of_vectors,
        corpus,
        vectors,
        seeds=seeds,
        checkpoints=run.checkpoints,
        progress=run,
        **settings,
    )
