"""A report that ranks classifiers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from textdl.classifiers import Ensemble, Evaluation, SentimentModel
from textdl.classifiers.scores import mean_and_std
from textdl.classifiers.sweep import Sweep
from textdl.errors import InputError
from textdl.progress import Progress, Silent
from textdl.report.page import SYNTHETIC, Report, Section, write_page
from textdl.report.parts import Table
from textdl.text.corpus import Corpus

BASELINES = ("meanvectors", "ngrams", "tfidf")
"""Networks that read words or n-grams in no order."""

COLUMNS = ["model", "network", "accuracy", "macro-F1", "parameters", "seconds", "documents/s"]

Figures = Mapping[str, Mapping[str, float]]

_SUFFIX = "_evaluation"


def write_leaderboard(
    folder: Path,
    models: dict[str, SentimentModel],
    evaluations: dict[str, Evaluation],
    corpus: Corpus | None = None,
    *,
    title: str = "Classifiers compared",
    measured: Figures | None = None,
    progress: Progress | None = None,
) -> Report:
    """Write a page with one table of classifiers, the best first.

    Args:
        evaluations: one of each model on the same documents, called as the model is, or with
            ``_evaluation`` behind it, or as a pipeline calls it: of ``textcnn@glove``,
            ``evaluation@textcnn,glove`` where a list holds the models,
            ``textcnn_evaluation@glove``, and ``evaluation@glove`` where no other model is
            ``@glove``.
        corpus: what they were trained on, to warn of synthetic texts.
        title: the heading of the page.
        measured: ``seconds`` of training by the names of the models, 1 as ``resumed`` if these are
            not all of them, and ``documents_per_second`` by the names of the evaluations.
        progress: what hears of the table, line by line.

    Raises:
        InputError: a model has no evaluation, or several that may be its own, or an evaluation no
            model, or not all are of the same documents.
    """
    pairs = _paired(models, evaluations)
    rows = [
        row_of(name, called, models[name], evaluations[called], measured or {})
        for name, called in pairs
    ]
    section = leaderboard(rows, next(iter(evaluations.values())))
    for line in _lines(section.tables[0]):
        (progress or Silent()).note(line)
    synthetic = corpus is not None and corpus.info.get("source", {}).get("source") == "synthetic"
    return write_page(folder, title, SYNTHETIC if synthetic else "", [section])


def leaderboard(rows: list[Row], evaluation: Evaluation) -> Section:
    """One table, the best first.

    Args:
        evaluation: of one of the rows; all are of the same documents.
    """
    ordered = sorted(rows, key=lambda row: (-row.accuracy[0], -row.macro_f1[0], row.name))
    table = Table("The best first", COLUMNS, [row.cells for row in ordered], numeric=True)
    return Section("Leaderboard", _notes(evaluation, rows), [table])


@dataclass(frozen=True)
class Row:
    """What is shown of a model; scores with their standard deviation if there are several seeds."""

    name: str
    network: str
    accuracy: tuple[float, float | None]
    macro_f1: tuple[float, float | None]
    parameters: int
    seconds: str
    speed: str

    @property
    def cells(self) -> list[str]:
        scores = [_score(*self.accuracy), _score(*self.macro_f1)]
        return [self.name, self.network, *scores, f"{self.parameters:,}", self.seconds, self.speed]


def _paired(
    models: Mapping[str, SentimentModel], evaluations: Mapping[str, Evaluation]
) -> list[tuple[str, str]]:
    """The names of each model and its evaluation."""
    if not models:
        raise InputError("a leaderboard needs models: give at least one, with its evaluation")
    pairs = [(name, _evaluation_of(name, models, evaluations)) for name in models]
    if odd := evaluations.keys() - {called for _, called in pairs}:
        called = min(odd)
        raise InputError(
            f"{called} is of no model: give the model {called.removesuffix(_SUFFIX)}, or leave it "
            "out"
        )
    (_, first), *others = pairs
    for _, called in others:
        ours, theirs = (evaluations[name] for name in (first, called))
        if documents_of(ours) != documents_of(theirs):
            raise InputError(
                f"{first} is of {ours.documents:,} documents of {ours.split!r} and {called} of "
                f"{theirs.documents:,} of {theirs.split!r}, which are not the same: only scores on "
                "the same documents can be compared"
            )
    return pairs


def _evaluation_of(name: str, models: Iterable[str], evaluations: Iterable[str]) -> str:
    """The name of a model's evaluation."""
    table, at, labels = name.partition("@")
    own = f"{table}{_SUFFIX}{at}{labels}"
    behind: dict[str, list[str]] = {}
    for called in evaluations:
        behind.setdefault(called.partition("@")[2], []).append(called)
    found = [called for called in (name, own) if called in evaluations]
    found = found[:1] or behind.get(name.replace("@", ","), [])
    if not found and labels and [m.partition("@")[2] for m in models].count(labels) == 1:
        found = behind.get(labels, [])
    if not found:
        raise InputError(f"{name} has no evaluation: give one called {own}")
    if len(found) > 1:
        raise InputError(f"{' and '.join(found)} may be of {name}: call the one that is {own}")
    return found[0]


def documents_of(evaluation: Evaluation) -> tuple[str, int, tuple[str, ...], float]:
    """What is the same for evaluations on the same documents."""
    its = evaluation
    return its.split, its.documents, tuple(its.label_names), its.majority


def row_of(
    name: str, called: str, model: SentimentModel, evaluation: Evaluation, measured: Figures
) -> Row:
    """The row of a model and its evaluation, and of what was measured by the names of both."""
    accuracy: tuple[float, float | None] = evaluation.model.accuracy, None
    macro_f1: tuple[float, float | None] = evaluation.model.macro_f1, None
    if evaluation.seeds:
        scores = evaluation.seeds.values()
        accuracy = mean_and_std(its["accuracy"] for its in scores)
        macro_f1 = mean_and_std(its["macro_f1"] for its in scores)
    network = "ensemble" if isinstance(model, Ensemble) else model.network.kind
    speed = measured.get(called, {}).get("documents_per_second")
    return Row(
        name,
        f"{network} (baseline)" if network in BASELINES else network,
        accuracy,
        macro_f1,
        _parameters(model),
        _seconds(name, model, measured),
        "–" if speed is None else f"{speed:,.0f}",
    )


def _parameters(model: SentimentModel) -> int:
    """The numbers that a prediction is computed with."""
    if isinstance(model, Ensemble):
        return sum(map(_parameters, model.models.values()))
    values = model.network.state_dict().values()
    return sum(value.numel() for value in values if value.is_floating_point())


def _seconds(name: str, model: SentimentModel, measured: Figures) -> str:
    """How long training took: of a sweep one member's share, of an ensemble that of its members
    too."""
    parts = [name, *model.models] if isinstance(model, Ensemble) else [name]
    if any("seconds" not in measured.get(part, {}) for part in parts):
        return "–"
    seconds = sum(measured[part]["seconds"] for part in parts)
    if isinstance(model, Sweep):
        seconds /= len(model.models)
    least = any(measured[part].get("resumed") for part in parts)
    return f"{'≥ ' if least else ''}{seconds:,.{0 if seconds >= 10 else 1}f}"


def _score(mean: float, std: float | None) -> str:
    return f"{mean:.4f}" if std is None else f"{mean:.4f} ± {std:.4f}"


def _notes(evaluation: Evaluation, rows: list[Row]) -> list[str]:
    notes = [
        f"Scores on the {evaluation.documents:,} documents of “{evaluation.split}”, of which "
        f"always saying the most frequent label gets {evaluation.majority:.2%} right. Baselines "
        "read words or n-grams in no order.",
        "Parameters are all weights, those of frozen word vectors too. Seconds are those of the "
        "stage that trained it, with what that loaded and compiled, without its word vectors, and "
        "of an ensemble with its members; documents/s is the speed of prediction from token ids.",
    ]
    if any(row.accuracy[1] is not None for row in rows):
        notes.append(
            "Of several seeds, mean ± standard deviation, and the seconds of one: the model that "
            "predicts is the one that is best on validation."
        )
    if any(row.seconds.startswith("≥") for row in rows):
        notes.append("≥: a training that was killed and went on, timed from there.")
    return notes


def _lines(table: Table) -> list[str]:
    """The table as aligned text."""
    every = [table.columns, *table.rows]
    widths = [max(map(len, column)) for column in zip(*every, strict=True)]
    lines = []
    for name, *cells in every:
        right = (f"{cell:>{width}}" for cell, width in zip(cells, widths[1:], strict=True))
        lines.append("  ".join([f"{name:<{widths[0]}}", *right]))
    return lines
