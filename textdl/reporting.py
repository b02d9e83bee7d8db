"""Pages on runs in the store."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from textdl.pipeline import Store
from textdl.pipeline.events import Display
from textdl.pipeline.record import Record, find_record, read_record


def report(
    runs: Sequence[str], output: Path, home: Path, *, tables: Path | None = None
) -> list[Path]:
    """Write a page on a run, or one that compares several.

    Args:
        runs: names of runs, or of pipelines for their latest runs.
        output: the page.
        home: where results are stored.
        tables: a folder for every table as CSV, Markdown and LaTeX.

    Returns:
        The files that were written.

    Raises:
        PipelineError: there is no such run.
    """
    from textdl.report.comparison import comparison, comparison_page
    from textdl.report.exporting import write_tables
    from textdl.report.results import Results
    from textdl.report.run import run_sections, write_run_report

    store = Store(home)
    records = [find_record(store, name) for name in dict.fromkeys(runs)]
    if len(records) == 1:
        warn = partial(print, file=sys.stderr)
        write_run_report(records[0], store.object, output, warn=warn)
        sections = run_sections(records[0], store.object) if tables else []
    else:
        results = [Results(record, store.object) for record in records]
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(comparison_page(results), "utf-8")
        sections = comparison(results)
    return [output, *(write_tables(sections, tables) if tables else [])]


def report_of_run(folder: Path, home: Path, display: Display, before: Record | None) -> None:
    """Write ``report.html`` beside the ``run.json`` of the run that has just ended, unless all of
    it was cached and there is a page on the same results. What goes wrong with it is a warning.

    Args:
        before: the record of the run before.
    """

    def warn(text: str) -> None:
        display.show({"event": "says", "time": time.time(), "text": f"warning: {text}"})

    page = folder / "report.html"
    try:
        record = read_record(folder / "run.json")
        if not record or (before and page.is_file() and _shows_nothing_new(record, before)):
            return
        from textdl.report.run import write_run_report

        write_run_report(record, Store(home).object, page, warn=warn)
    except Exception as error:
        warn(f"no report of the run: {type(error).__name__}: {error}")


def _shows_nothing_new(record: Record, before: Record) -> bool:
    return all(entry["cached"] for entry in record["stages"].values()) and (
        _shown(record) == _shown(before)
    )


def _shown(record: Record) -> list[Any]:
    """What tells whether two runs have the same page, but for what was cached."""
    results = {name: (entry["key"], entry["digest"]) for name, entry in record["stages"].items()}
    return [record["outcome"], record["versions"].get("textdl"), results]
