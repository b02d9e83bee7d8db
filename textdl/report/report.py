"""A report: what was trained on what, and how good it is, as HTML and as Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from annotated_types import Ge

from textdl.classifiers import Evaluation, SentimentModel
from textdl.report import figures
from textdl.report.page import SYNTHETIC, Report, Section, write_page
from textdl.report.parts import Part
from textdl.report.tables import (
    confusion_table,
    corpus_tables,
    neighbor_table,
    score_tables,
    settings_table,
)
from textdl.text.corpus import Corpus
from textdl.vectors import Vectors


def write_report(
    folder: Path,
    corpus: Corpus,
    vectors: Vectors | None = None,
    model: SentimentModel | None = None,
    evaluation: Evaluation | None = None,
    *,
    title: str = "Report",
    words: list[str] | None = None,
    top: Annotated[int, Ge(1)] = 8,
) -> Report:
    """Write a report on what there is.

    Args:
        title: the heading of the page.
        words: the words whose neighbours are shown; by default some that reviews are full of, as
            far as they have vectors, and else the most frequent words.
        top: neighbours of each word.
    """
    sections = []
    if evaluation:
        sections.append(_classification(evaluation, model))
    if vectors:
        sections.append(_vectors(vectors, words, top))
    sections.append(Section("Corpus", [], [*corpus_tables(corpus)]))
    synthetic = corpus.info.get("source", {}).get("source") == "synthetic"
    return write_page(folder, title, SYNTHETIC if synthetic else "", sections)


def _classification(evaluation: Evaluation, model: SentimentModel | None) -> Section:
    scores = evaluation.model
    sentence = (
        f"Accuracy {scores.accuracy:.2%} on the {evaluation.documents:,} documents of "
        f"“{evaluation.split}”, macro-F1 {scores.macro_f1:.4f}"
    )
    if evaluation.baseline:
        sentence += (
            f"; a bag of words with logistic regression reaches {evaluation.baseline.accuracy:.2%}"
        )
    sentence += f"; always saying the most frequent label, {evaluation.majority:.2%}."
    parts: list[Part] = []
    if model and model.history:
        parts.append(figures.training(model.history))
    parts += score_tables(evaluation)
    if scores.confusion:
        parts.append(confusion_table(evaluation))
    if model:
        parts.append(settings_table("Settings of the network", model.info.get("settings", {})))
    return Section("Classifier", [sentence], parts)


def _vectors(vectors: Vectors, words: list[str] | None, top: int) -> Section:
    info = vectors.info
    sentence = f"{len(vectors):,} words, dimension {vectors.dim}"
    if seen := info.get("settings", {}).get("splits"):
        sentence += f", trained on {' and '.join(seen)}"
    curves = [figures.losses(info["losses"])] if len(info.get("losses", [])) > 1 else []
    tables = [
        neighbor_table(vectors, words, top),
        settings_table("Settings of the vectors", info.get("settings", {})),
    ]
    return Section("Word vectors", [sentence + "."], [*curves, *tables])
