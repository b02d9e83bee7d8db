"""The sections on the results of a run, each with the stages that it is made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from textdl.report.page import Section
from textdl.report.results import Results, label


@dataclass(frozen=True)
class Chapter:
    """A section that is made when it is needed.

    Attributes:
        title: that of the section.
        reads: the stages that it is made from.
        make: None, if there is nothing to show.
    """

    title: str
    reads: list[str]
    make: Callable[[], Section | None]


def chapters(results: Results) -> list[Chapter]:
    """What can be told of the results."""
    evaluations, models = results.of("evaluation"), results.of("model")
    vectors, comparisons = results.of("vectors"), results.of("vector_evaluation")
    scored = [*evaluations, *(s for name in evaluations for s in results.sources(name))]
    found = [
        Chapter("Leaderboard", scored, lambda: _leaderboard(results)),
        Chapter("Training", models, lambda: _training(results)),
        Chapter("Confusion", evaluations, lambda: _confusion(results)),
    ]
    if evaluations:
        found += _judged(results, scored)
    found += [_ranking(results, name) for name in comparisons]
    if vectors:
        found.append(Chapter("Neighbours", vectors, lambda: _neighbors(results)))
        found.append(Chapter("Losses", vectors, lambda: _losses(results)))
    found += [_map(results, name) for name in vectors]
    found += [_corpus(results, name) for name in results.of("corpus")]
    return [chapter for chapter in found if chapter.reads]


def _leaderboard(results: Results) -> Section | None:
    """One table for the evaluations on the same documents."""
    from textdl.report.leaderboard import Row, documents_of, leaderboard, row_of

    rows: dict[Any, list[Row]] = {}
    first: dict[Any, Any] = {}
    every = results.of("evaluation")
    for name in every:
        evaluation, its = results.load(name), results.source(name, "model")
        if its is None:
            continue
        row = row_of(its, name, results.load(its), evaluation, results.measured)
        key = documents_of(evaluation)
        rows.setdefault(key, []).append(row)
        first.setdefault(key, evaluation)
        baseline = results.stages[name]["inputs"].get("baseline")
        known = [row.name for row in rows[key]] + [results.source(n, "model") for n in every]
        if evaluation.baseline and baseline in results.kinds and baseline not in known:
            its_own = replace(evaluation, model=evaluation.baseline, seeds=None)
            other = row_of(baseline, "", results.load(baseline), its_own, results.measured)
            rows[key].append(other)
    boards = [leaderboard(its, first[key]) for key, its in rows.items()]
    notes = list(dict.fromkeys(note for board in boards for note in board.notes))
    parts = [part for board in boards for part in board.parts]
    return Section("Leaderboard", notes, parts) if parts else None


def _training(results: Results) -> Section | None:
    from textdl.report import figures

    histories = {name: results.load(name).history for name in results.of("model")}
    shown = [figures.training(its, name) for name, its in histories.items() if len(its) > 1]
    return Section("Training", [], [*shown]) if shown else None


def _confusion(results: Results) -> Section | None:
    from textdl.report.tables import confusion_table

    evaluations = {label(results, n): results.load(n) for n in results.of("evaluation")}
    shown = [confusion_table(e, n) for n, e in evaluations.items() if e.model.confusion]
    note = "The stronger the colour, the larger the share of a row."
    return Section("Confusion", [note], [*shown]) if shown else None


def _judged(results: Results, reads: list[str]) -> list[Chapter]:
    from functools import cache

    @cache
    def judges() -> Any:
        from textdl.report.judged import Judges

        return Judges(results)

    return [
        Chapter("Reliability", reads, lambda: judges().reliability()),
        Chapter("Mistakes", reads, lambda: judges().mistakes()),
    ]


def _neighbors(results: Results) -> Section:
    from textdl.report.tables import neighbor_table
    from textdl.report.wordvectors import neighbors

    tables = {name: results.load(name) for name in results.of("vectors")}
    if len(tables) == 1:
        (vectors,) = tables.values()
        return Section("Neighbours", [], [neighbor_table(vectors, None, 8)])
    return neighbors(tables)


def _losses(results: Results) -> Section | None:
    from textdl.report.wordvectors import losses

    found = losses({name: results.load(name) for name in results.of("vectors")})
    return found if found.parts else None


def _ranking(results: Results, name: str) -> Chapter:
    several = len(results.of("vector_evaluation")) > 1
    title = f"Word vectors: {name}" if several else "Word vectors"
    sources = [s for s in results.sources(name) if results.kinds.get(s) == "vectors"]

    def make() -> Section | None:
        from textdl.report.ranking import ranking
        from textdl.report.wordvectors import by_section

        evaluation = results.load(name)
        vectors = {s: results.load(s) for s in sources if s in evaluation.full}
        if not vectors:
            return None
        section = ranking(vectors, evaluation)
        return Section(title, section.notes, [*section.parts, *by_section(vectors, evaluation)])

    return Chapter(title, [name, *sources], make)


def _map(results: Results, name: str) -> Chapter:
    title = f"Map: {name}"

    def make() -> Section | None:
        from textdl.report.map import word_map

        found = word_map(results.load(name))
        return Section(title, [], [found]) if found else None

    return Chapter(title, [name], make)


def _corpus(results: Results, name: str) -> Chapter:
    title = f"Corpus: {name}"

    def make() -> Section:
        from textdl.report.tables import corpus_tables

        return Section(title, [], [*corpus_tables(results.load(name))])

    return Chapter(title, [name], make)
