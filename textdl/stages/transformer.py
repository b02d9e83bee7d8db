"""A sentiment classifier: a small Transformer encoder."""

from __future__ import annotations

from typing import Annotated, Any

from annotated_types import Ge

from textdl.classifiers import SentimentModel, train_transformer
from textdl.classifiers.sweep import sweep
from textdl.pipeline import StageRun, stage
from textdl.text.corpus import Corpus
from textdl.vectors import Vectors


@stage(
    version=3,
    settings_of=train_transformer,
    without=("checkpoints", "progress"),
    unkeyed=("checkpoint_steps",),
)
def transformer(
    corpus: Corpus,
    vectors: Vectors | None = None,
    init_from: SentimentModel | None = None,
    *,
    seeds: Annotated[int, Ge(1)] = 1,
    run: StageRun,
    **settings: Any,
) -> SentimentModel:
    return sweep(
        train_transformer,
        corpus,
        vectors,
        init_from,
        seeds=seeds,
        checkpoints=run.checkpoints,
        progress=run,
        **settings,
    )
