"""Several runs side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from textdl.report.page import SYNTHETIC, Section, page_of
from textdl.report.parts import Table
from textdl.report.results import Record, Results, label
from textdl.report.summary import facts
from textdl.report.texts import value_text


def comparison_page(runs: Sequence[Results], sections: list[Section]) -> str:
    """A page of what :func:`comparison` tells of runs, which needs no other file."""
    title = " and ".join(dict.fromkeys(str(its.record["pipeline"]) for its in runs))
    synthetic = [name for name, its in _named(runs).items() if its.synthetic]
    warning = f"{SYNTHETIC} This holds for {' and '.join(synthetic)}." if synthetic else ""
    return page_of(f"Runs of {title}" if len(runs) > 1 else title, warning, sections)


def comparison(runs: Sequence[Results], *, warn: Callable[[str], None]) -> list[Section]:
    """The runs, all their evaluations in one table, and in what settings and figures they
    differ. ``warn`` hears of evaluations that can't be read."""
    named_runs = _named(runs)
    told = {name: _told(its.record) for name, its in named_runs.items()}
    columns = list(dict.fromkeys(fact for its in told.values() for fact in its))
    rows = [[name, *(its.get(fact, "–") for fact in columns)] for name, its in told.items()]
    return [
        Section("Runs", [], [Table("What is compared", ["run", *columns], rows, numeric=True)]),
        *_leaderboard(named_runs, warn),
        *_differing("Settings that differ", "settings", named_runs),
        *_differing("Figures that differ", "info", named_runs),
    ]


def _told(record: Record) -> dict[str, str]:
    """A run in short, its time in a unit by which runs can be sorted."""
    return facts(record) | {"Took": f"{record['seconds']:,.1f} s"}


def _named(runs: Sequence[Results]) -> dict[str, Results]:
    """Runs by name, a short one if that is enough."""
    short = {str(its.record["pipeline"]): its for its in runs}
    return short if len(short) == len(runs) else {str(its.record["run"]): its for its in runs}


def _leaderboard(runs: Mapping[str, Results], warn: Callable[[str], None]) -> list[Section]:
    rows = []
    for run, its in runs.items():
        for name in its.of("evaluation"):
            try:
                evaluation = its.load(name)
            except Exception as error:  # it must not stop the others
                warn(f"the report lacks {name} of {run}: {type(error).__name__}: {error}")
                continue
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
