"""Word vectors in a report: their losses, neighbours, and analogies by section."""

from __future__ import annotations

from collections.abc import Mapping

from textdl.report import figures
from textdl.report.page import Section
from textdl.report.parts import Table
from textdl.report.tables import SHOWN, TELLING
from textdl.vectors import UnknownWordError, Vectors
from textdl.vectors.evaluate import analogies
from textdl.vectors.evaluation.comparison import PLANTED, VectorEvaluation
from textdl.vectors.evaluation.planted import evaluate_planted
from textdl.vectors.evaluation.scores import AnalogyScore

GOOGLE, NONE = "google-analogies", "–"


def losses(vectors: Mapping[str, Vectors]) -> Section:
    """The curve of each table that has one."""
    note = (
        "Compare a curve with itself only: the losses of different objectives (and of different "
        "numbers of negatives, windows or vocabularies) are on different scales."
    )
    curves = [
        figures.losses(its.info["losses"], name, per=_unit(its))
        for name, its in vectors.items()
        if len(its.info.get("losses", ())) > 1
    ]
    return Section("Losses", [note] if len(curves) > 1 else [], [*curves])


def neighbors(
    vectors: Mapping[str, Vectors], words: list[str] | None = None, top: int = 5
) -> Section:
    """The neighbours of words in several tables, side by side."""
    return Section("Neighbours", [], [_neighbors(vectors, words, top)])


def by_section(vectors: Mapping[str, Vectors], evaluation: VectorEvaluation) -> list[Table]:
    """The analogies of each set that was measured and can be asked again, section by section."""
    measures = {measure for name in vectors for measure in evaluation.full[name]}
    found = []
    for name in (GOOGLE, f"{PLANTED} analogies"):
        if name not in measures:
            continue
        scores = {
            table: evaluate_planted(its).analogies if name != GOOGLE else analogies(its, name)
            for table, its in vectors.items()
            if name in evaluation.full[table]
        }
        sections = list(dict.fromkeys(s for its in scores.values() for s in its.sections))
        rows = [
            [section, *(_share(its, section) for its in scores.values())] for section in sections
        ]
        rows = [row for row in rows if set(row[1:]) != {NONE}]
        if rows:
            found.append(Table(f"{name}, by section", ["section", *scores], rows, numeric=True))
    return found


def _share(score: AnalogyScore, section: str) -> str:
    its = score.sections.get(section)
    return f"{its.accuracy:.1%} of {its.used:,}" if its and its.used else NONE


def _neighbors(vectors: Mapping[str, Vectors], words: list[str] | None, top: int) -> Table:
    if words is None:
        tables = list(vectors.values())
        words = [word for word in TELLING if any(word in its for its in tables)][:SHOWN]
        words = words or list(tables[0].words[:SHOWN])
    rows = [[word, *(_nearest(its, word, top) for its in vectors.values())] for word in words]
    return Table("The nearest words, by cosine", ["word", *vectors], rows)


def _nearest(vectors: Vectors, word: str, top: int) -> str:
    try:
        return ", ".join(vectors.neighbors(word, top=top).words)
    except UnknownWordError:
        return "no vector"


def _unit(vectors: Vectors) -> str:
    return "cell" if vectors.info.get("model") == "glove" else "pair"
