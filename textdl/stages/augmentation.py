"""A corpus with changed copies of the documents that classifiers are trained on."""

from __future__ import annotations

from typing import Any

from textdl.classifiers.copies import augment_corpus
from textdl.pipeline import StageRun, stage
from textdl.text.corpus import Corpus
from textdl.vectors import Vectors


@stage(version=2, settings_of=augment_corpus, without=("progress",))
def augmentation(
    corpus: Corpus, vectors: Vectors | None = None, *, run: StageRun, **settings: Any
) -> Corpus:
    return augment_corpus(corpus, vectors, progress=run, **settings)
