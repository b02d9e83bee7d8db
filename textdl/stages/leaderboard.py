"""A page that compares classifiers: ``report.html``, and the same as ``report.md``."""

from __future__ import annotations

from typing import Any

from textdl.classifiers import Evaluation, SentimentModel
from textdl.pipeline import Measured, StageRun, stage
from textdl.report.leaderboard import write_leaderboard
from textdl.report.page import Report
from textdl.text.corpus import Corpus


@stage(version=3, settings_of=write_leaderboard, without=("measured", "progress"))
def leaderboard(
    models: dict[str, SentimentModel],
    evaluations: dict[str, Evaluation],
    corpus: Corpus | None = None,
    *,
    measured: Measured,
    run: StageRun,
    **settings: Any,
) -> Report:
    return write_leaderboard(
        run.output, models, evaluations, corpus, measured=measured, progress=run, **settings
    )
