"""A report: what was trained on what, and how good it is, as HTML and as Markdown."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge

from textdl.classifiers import Evaluation, SentimentModel
from textdl.errors import InputError
from textdl.report import figures
from textdl.report.tables import (
    Table,
    confusion_table,
    corpus_tables,
    neighbor_table,
    score_tables,
    settings_table,
)
from textdl.text.corpus import Corpus
from textdl.vectors import Vectors

SYNTHETIC = (
    "The texts are synthetic: a seeded grammar wrote them. The figures below show that the "
    "pipeline works; they say nothing about real reviews."
)


@dataclass(frozen=True)
class Report:
    """A folder with ``report.html`` (self-contained) and ``report.md``."""

    folder: Path

    @property
    def html(self) -> Path:
        """The page to open in a browser."""
        return self.folder / "report.html"

    def save(self, folder: Path) -> None:
        """Copy the report into ``folder``; nothing is done if it lies there already."""
        if folder.resolve() != self.folder.resolve():
            shutil.copytree(self.folder, folder, dirs_exist_ok=True)

    @classmethod
    def load(cls, folder: Path) -> Report:
        """The report in a folder.

        Raises:
            InputError: there is none.
        """
        if not (folder / "report.html").is_file():
            raise InputError(f"{folder}: holds no report.html")
        return cls(folder)


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it."""

    title: str
    notes: list[str]
    tables: list[Table]
    figures: list[figures.Figure]


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
    sections.append(Section("Corpus", [], corpus_tables(corpus), []))
    synthetic = corpus.info.get("source", {}).get("source") == "synthetic"
    return write_page(folder, title, SYNTHETIC if synthetic else "", sections)


def write_page(folder: Path, title: str, warning: str, sections: list[Section]) -> Report:
    """Write sections under a title, as HTML and as Markdown."""
    page = {"title": title, "warning": warning, "sections": sections}
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("report.html", "report.md"):
        (folder / name).write_text(_render(f"{name}.jinja", page), "utf-8")
    return Report(folder)


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
    shown, tables = [], score_tables(evaluation)
    if evaluation.model.confusion:
        shown.append(figures.confusion(evaluation))
        tables.append(confusion_table(evaluation))
    if model and model.history:
        shown.append(figures.training(model.history))
    if model:
        tables.append(settings_table("Settings of the network", model.info.get("settings", {})))
    return Section("Classifier", [sentence], tables, shown)


def _vectors(vectors: Vectors, words: list[str] | None, top: int) -> Section:
    info = vectors.info
    sentence = f"{len(vectors):,} words, dimension {vectors.dim}"
    if seen := info.get("settings", {}).get("splits"):
        sentence += f", trained on {' and '.join(seen)}"
    shown = [figures.losses(info["losses"])] if len(info.get("losses", [])) > 1 else []
    tables = [
        neighbor_table(vectors, words, top),
        settings_table("Settings of the vectors", info.get("settings", {})),
    ]
    return Section("Word vectors", [sentence + "."], tables, shown)


def _render(template: str, page: dict[str, Any]) -> str:
    from jinja2 import Environment, StrictUndefined

    source = resources.files("textdl.report").joinpath(template).read_text("utf-8")
    environment = Environment(
        autoescape="html" in template,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # A table cell of Markdown: a bar would end it, and other marks would change how it looks.
    environment.filters["cell"] = lambda text: re.sub(r"([\\`*_|<>\[\]])", r"\\\1", text)
    return environment.from_string(source).render(page)
