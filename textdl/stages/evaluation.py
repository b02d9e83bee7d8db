"""How good a classifier is on a split it was not trained on."""

from __future__ import annotations

from textdl.classifiers import BagOfWords, Evaluation, SentimentModel, evaluate
from textdl.pipeline import stage
from textdl.text.corpus import Corpus


@stage(version=1)
def evaluation(
    corpus: Corpus,
    model: SentimentModel,
    baseline: BagOfWords | None = None,
    *,
    split: str = "test",
) -> Evaluation:
    return evaluate(corpus, model, baseline, split=split)
