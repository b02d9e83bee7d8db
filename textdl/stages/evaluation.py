"""How good a classifier is on a split it was not trained on."""

from __future__ import annotations

from textdl.classifiers import BagOfWords, Evaluation, SentimentModel, evaluate
from textdl.classifiers.sweep import with_seeds
from textdl.classifiers.timing import Timed
from textdl.pipeline import StageRun, stage
from textdl.text.corpus import Corpus


@stage(version=2)
def evaluation(
    corpus: Corpus,
    model: SentimentModel,
    baseline: BagOfWords | None = None,
    *,
    split: str = "test",
    run: StageRun,
) -> Evaluation:
    timed = Timed(model)
    scores = evaluate(corpus, timed, baseline, split=split)
    run.measure(documents_per_second=timed.documents_per_second)
    return with_seeds(scores, corpus, model, progress=run)
