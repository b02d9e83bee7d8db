"""A page that a person reads: ``report.html``, and the same as ``report.md``."""

from __future__ import annotations

from typing import Any

from textdl.classifiers import Evaluation, SentimentModel
from textdl.pipeline import StageRun, stage
from textdl.report.page import Report
from textdl.report.report import write_report
from textdl.text.corpus import Corpus
from textdl.vectors import Vectors


@stage(version=3, settings_of=write_report)
def report(
    corpus: Corpus,
    vectors: Vectors | None = None,
    model: SentimentModel | None = None,
    evaluation: Evaluation | None = None,
    *,
    run: StageRun,
    **settings: Any,
) -> Report:
    return write_report(run.output, corpus, vectors, model, evaluation, **settings)
