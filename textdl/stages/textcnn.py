"""A sentiment classifier: Kim's convolutional network."""

from __future__ import annotations

from typing import Any

from textdl.classifiers import SentimentModel, train_textcnn
from textdl.pipeline import StageRun, stage
from textdl.text.corpus import Corpus
from textdl.vectors import Vectors


@stage(version=1, settings_of=train_textcnn, without=("checkpoints", "progress"))
def textcnn(
    corpus: Corpus, vectors: Vectors | None = None, *, run: StageRun, **settings: Any
) -> SentimentModel:
    return train_textcnn(corpus, vectors, checkpoints=run.checkpoints, progress=run, **settings)
