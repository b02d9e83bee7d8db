"""A report that ranks tables of word vectors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from annotated_types import Ge, Le

from textdl.errors import InputError
from textdl.report.page import SYNTHETIC, Report, Section, write_page
from textdl.report.parts import Table
from textdl.report.wordvectors import losses, neighbors
from textdl.vectors import Vectors
from textdl.vectors.evaluation.comparison import (
    Measurement,
    VectorEvaluation,
    of_synthetic_corpus,
)

Scores = dict[str, dict[str, Measurement]]


def write_ranking(
    folder: Path,
    vectors: Mapping[str, Vectors],
    evaluation: VectorEvaluation,
    *,
    title: str = "Word vectors compared",
    words: list[str] | None = None,
    top: Annotated[int, Ge(1)] = 5,
    min_coverage: Annotated[float, Ge(0), Le(1)] = 0.5,
) -> Report:
    """Write a leaderboard of tables of vectors, their losses, and neighbours side by side.

    Args:
        vectors: tables by name.
        evaluation: what was measured of them.
        title: the heading of the page.
        words: the words whose neighbours are shown; by default as in a report.
        top: neighbours of each word.
        min_coverage: a table that covers less of a set has no rank on it.

    Raises:
        InputError: the evaluation is of other tables.
    """
    shown = ranked(vectors, evaluation, min_coverage)
    warning = SYNTHETIC if any(map(of_synthetic_corpus, vectors.values())) else ""
    return write_page(folder, title, warning, [
        ranking(shown, evaluation, min_coverage),
        losses(shown),
        neighbors(shown, words, top),
    ])  # fmt: skip


def ranked(
    vectors: Mapping[str, Vectors], evaluation: VectorEvaluation, min_coverage: float
) -> dict[str, Vectors]:
    """The tables, the best first.

    Raises:
        InputError: the evaluation is of other tables.
    """
    if absent := [name for name in vectors if name not in evaluation.full]:
        raise InputError(
            f"{', '.join(absent)}: not in the evaluation. Give evaluation and ranking the same "
            "vectors"
        )
    means = mean_ranks({name: evaluation.full[name] for name in vectors}, min_coverage)
    order = sorted(vectors, key=lambda name: means.get(name, float("inf")))
    return {name: vectors[name] for name in order}


def ranking(
    vectors: Mapping[str, Vectors], evaluation: VectorEvaluation, min_coverage: float = 0.5
) -> Section:
    """Tables of vectors, the best first, with what they cover."""
    shown = ranked(vectors, evaluation, min_coverage)
    scores = {name: evaluation.full[name] for name in shown}
    tables = [
        _leaderboard(shown, scores, mean_ranks(scores, min_coverage), min_coverage),
        _coverage(shown, scores, min_coverage),
        *_restricted(shown, evaluation, min_coverage),
    ]
    return Section("Ranking", [_rule(min_coverage)], [*tables])


def mean_ranks(scores: Scores, min_coverage: float) -> dict[str, float]:
    """The mean rank of each table over the measures that most tables cover; one that does not
    counts as the last there. Equal scores share the mean of their ranks. Empty if there is no such
    measure."""
    ranks: dict[str, list[float]] = {name: [] for name in scores}
    for measure in _counted(scores, min_coverage):
        values = {
            name: its[measure].value
            for name, its in scores.items()
            if _covers(its.get(measure), min_coverage)
        }
        for name in scores:
            own = values.get(name)
            above = sum(v is not None and (own is None or v > own) for v in values.values())
            equal = sum(values.get(other) == own for other in scores)
            ranks[name].append(len(scores) if own is None else above + (equal + 1) / 2)
    return {name: sum(its) / len(its) for name, its in ranks.items() if its}


def _rule(min_coverage: float) -> str:
    return (
        "The order is that of the mean rank over the sets that more than half of the tables cover "
        f"to {min_coverage:.0%} or more: the best has rank 1, and one that covers less counts as "
        "the last. What is grey is covered too little, or by too few tables to be ranked. "
        "Similarity is Spearman's rho; words without a row are composed where a table can, so that "
        "tables may be measured on different pairs. Analogies and planted words need rows of their "
        "own: a table of subword pieces hardly has any, which says nothing about its vectors."
    )


def _leaderboard(
    vectors: Mapping[str, Vectors], scores: Scores, means: Mapping[str, float], minimum: float
) -> Table:
    facts = ["vectors", "mean rank", "model", "dim", "words", "final loss"]
    rows = [
        [
            name,
            f"{means[name]:.2f}" if name in means else "–",
            str(its.info.get("model", "–")),
            f"{its.dim:,}",
            f"{len(its):,}",
            f"{its.info['losses'][-1]:.4f}" if its.info.get("losses") else "–",
        ]
        for name, its in vectors.items()
    ]
    return _with_scores("Tables, the best first", facts, rows, scores, minimum)


def _coverage(vectors: Mapping[str, Vectors], scores: Scores, minimum: float) -> Table:
    measures = _measures(scores)
    cells = [[scores[name].get(measure) for measure in measures] for name in vectors]
    rows = [
        [name, *(f"{c.coverage:.0%} of {c.total:,}" if c else "–" for c in row)]
        for name, row in zip(vectors, cells, strict=True)
    ]
    faint = {
        (i, j)
        for i, row in enumerate(cells)
        for j, cell in enumerate(row, 1)
        if not (cell and cell.coverage >= minimum)
    }
    return Table("Coverage", ["vectors", *measures], rows, numeric=True, faint=frozenset(faint))


def _restricted(
    vectors: Mapping[str, Vectors], evaluation: VectorEvaluation, minimum: float
) -> list[Table]:
    scores = {name: evaluation.restricted.get(name, {}) for name in vectors}
    title = f"Analogies among the first {evaluation.restrict:,} words (not ranked)"
    rows = [[name] for name in vectors]
    if not _measures(scores) or all(len(its) <= evaluation.restrict for its in vectors.values()):
        return []
    return [_with_scores(title, ["vectors"], rows, scores, minimum)]


def _with_scores(
    title: str, columns: list[str], rows: list[list[str]], scores: Scores, minimum: float
) -> Table:
    """The rows, which begin with a table's name, with its scores added."""
    measures, counted = _measures(scores), _counted(scores, minimum)
    faint = set()
    for i, row in enumerate(rows):
        its = scores[row[0]]
        for measure in measures:
            cell = its.get(measure)
            if measure not in counted or not _covers(cell, minimum):
                faint.add((i, len(row)))
            row.append(f"{cell.value:.3f}" if cell and cell.value is not None else "–")
    return Table(title, [*columns, *measures], rows, numeric=True, faint=frozenset(faint))


def _measures(scores: Scores) -> list[str]:
    return list(dict.fromkeys(measure for its in scores.values() for measure in its))


def _counted(scores: Scores, min_coverage: float) -> list[str]:
    """The measures that more than half of the tables cover."""
    return [
        measure
        for measure in _measures(scores)
        if 2 * sum(_covers(its.get(measure), min_coverage) for its in scores.values()) > len(scores)
    ]


def _covers(score: Measurement | None, min_coverage: float) -> bool:
    return score is not None and score.value is not None and score.coverage >= min_coverage
