"""A page that compares tables of word vectors: ``report.html``, and the same as ``report.md``."""

from __future__ import annotations

from typing import Any

from textdl.pipeline import StageRun, stage
from textdl.report.page import Report
from textdl.report.ranking import write_ranking
from textdl.vectors import Vectors
from textdl.vectors.evaluation.comparison import VectorEvaluation


@stage(version=3, settings_of=write_ranking)
def ranking(
    vectors: dict[str, Vectors], evaluation: VectorEvaluation, *, run: StageRun, **settings: Any
) -> Report:
    return write_ranking(run.output, vectors, evaluation, **settings)
