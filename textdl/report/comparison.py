"""Several runs side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textdl.report.page import Section, page_html, section_html
from textdl.report.parts import Table
from textdl.report.results import Record, Results, label
from textdl.report.summary import facts
from textdl.report.texts import value_text


def comparison_page(runs: Sequence[Results]) -> str:
    """A page that compares runs and needs no other file."""
    sections = comparison(runs)
    title = " and ".join(dict.fromkeys(str(its.record["pipeline"]) for its in runs))
    return page_html(
        f"Runs of {title}" if len(runs) > 1 else title,
        "",
        {section.name: section.title for section in sections},
        {section.name: section_html(section) for section in sections},
    )


def comparison(runs: Sequence[Results]) -> list[Section]:
    """The runs, all their evaluations in one table, and in what settings and figures they
    differ."""
    names = _names([its.record for its in runs])
    overview = [[name, *facts(its.record).values()] for name, its in zip(names, runs, strict=True)]
    columns = list(dict.fromkeys(k for its in runs for k in facts(its.record)))
    rows = [row + ["–"] * (len(columns) + 1 - len(row)) for row in overview]
    named_runs = dict(zip(names, runs, strict=True))
    return [
        Section("Runs", [], [Table("What is compared", ["run", *columns], rows, numeric=True)]),
        *_leaderboard(named_runs),
        *_differing("Settings that differ", "settings", named_runs),
        *_differing("Figures that differ", "info", named_runs),
    ]


def _names(records: Sequence[Record]) -> list[str]:
    """The runs' names, short if that is enough."""
    short = [str(record["pipeline"]) for record in records]
    return short if len(set(short)) == len(short) else [str(record["run"]) for record in records]


def _leaderboard(runs: Mapping[str, Results]) -> list[Section]:
    rows = []
    for run, its in runs.items():
        for name in its.of("evaluation"):
            evaluation = its.load(name)
            scores = {
                "accuracy": (evaluation.model.accuracy, None),
                "macro_f1": (evaluation.model.macro_f1, None),
                **evaluation.spread,
            }
            shown = [_score(*scores[score]) for score in ("accuracy", "macro_f1")]
            on = [evaluation.split, f"{evaluation.documents:,}"]
            rows.append([run, label(its, name), *shown, *on])
    rows.sort(key=lambda row: row[2], reverse=True)
    columns = ["run", "model", "accuracy", "macro-F1", "split", "documents"]
    note = (
        "Scores on different documents can't be compared, even if the splits are called the same."
    )
    table = Table("The best first", columns, rows, numeric=True)
    return [Section("Leaderboard", [note], [table])] if rows else []


def _score(mean: float, std: float | None) -> str:
    return f"{mean:.4f}" if std is None else f"{mean:.4f} ± {std:.4f}"


def _differing(title: str, group: str, runs: Mapping[str, Results]) -> list[Section]:
    """A row for each thing in which the stages of runs differ; none with fewer than two runs."""
    found = {run: _facts(its, group) for run, its in runs.items()}
    what = dict.fromkeys(fact for its in found.values() for fact in its)
    rows = []
    for stage, name in what:
        values = [its.get((stage, name)) for its in found.values()]
        if any(value != values[0] for value in values):
            shown = ["" if value is None else value for value in values]
            rows.append([stage, name.replace("_", " ") if group == "info" else name, *shown])
    table = Table("By stage", ["stage", "what", *found], rows, numeric=True)
    return [Section(title, [], [table])] if rows else []


def _facts(results: Results, group: str) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for stage, entry in results.stages.items():
        for name, value in entry[group].items():
            if group == "settings":
                found[stage, name] = value_text(value)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                found[stage, name] = f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
    return found
