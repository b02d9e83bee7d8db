"""Pipelines from Python: plan and run them, and pages on their runs."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from textdl.display import default_display
from textdl.home import default_home
from textdl.pipeline import (
    Pipeline,
    PipelineError,
    ResultDiffersError,
    Run,
    StageFailedError,
    Step,
    Store,
    make_planner,
    read_pipeline,
    run_pipeline,
)
from textdl.pipeline.events import Display
from textdl.pipeline.lockfile import read_lock
from textdl.pipeline.record import Record, find_record, read_record
from textdl.stages import find_stage

PACKAGES = ("textdl", "numpy", "numba", "torch", "scikit-learn", "datasets")


def run(
    pipeline: str | os.PathLike[str],
    *,
    set: Mapping[str, Any] | None = None,  # noqa: A002 - as --set on the command line
    until: str | None = None,
    force: Collection[str] = (),
    jobs: int = 1,
    keep_going: bool = False,
    locked: bool = False,
    remote: str | None = None,
    home: str | os.PathLike[str] | None = None,
    runs: str | os.PathLike[str] = "runs",
    display: Display | None = None,
) -> Run:
    """Run a pipeline file; what is cached is not computed again. ``report.html``, beside the links
    to the results, shows them.

    >>> run = textdl.run("pipelines/imdb.toml", set={"skipgram.dim": 300})  # doctest: +SKIP
    >>> run.skipgram.neighbors("film")  # doctest: +SKIP

    Args:
        set: values by ``stage.setting``, which go before those of the file.
        until: the last stage to run, with what it needs.
        force: stages to run although they are cached.
        jobs: how many stages run at the same time; more than one, in processes of their own,
            which share the cores.
        keep_going: after a failure, go on with what does not depend on it.
        locked: fail where a result differs from what the lock file beside the pipeline says.
        remote: where results may be that are not in the store, and where new ones go: an address
            that fsspec knows; default ``$TEXTDL_REMOTE``.
        home: where results are stored; default ``$TEXTDL_HOME`` or ``~/.cache/textdl``.
        runs: where the links to the results and ``run.json`` go.
        display: who hears of progress; default bars on a terminal, else lines.

    Returns:
        the stages' results as attributes and items, loaded when first asked for.

    Raises:
        PipelineError: the pipeline can't be run as it is written.
        StageFailedError: a stage failed; what was finished before is kept.
        ResultDiffersError: a result differs from the lock file's.
        KeyboardInterrupt: the run was stopped; what was finished, and checkpoints, are kept.
        OSError: a link or the record can't be written.
    """
    if jobs < 1:
        raise PipelineError(f"--jobs {jobs}: at least 1")
    checked = read(pipeline, set=set, until=until)
    shown = display or default_display()
    folder, stored = Path(runs) / checked.name, home_folder(home)
    before = read_record(folder / "run.json")
    try:
        finished = run_pipeline(
            checked,
            home=stored,
            runs=Path(runs),
            force=force,
            jobs=jobs,
            keep_going=keep_going,
            locked=read_lock(checked) if locked else None,
            remote=remote_address(remote),
            display=shown,
            packages=PACKAGES,
        )
    except (StageFailedError, ResultDiffersError):
        _keep_report(folder, stored, shown, before)
        raise
    _keep_report(folder, stored, shown, before)
    return finished


def plan(
    pipeline: str | os.PathLike[str],
    *,
    set: Mapping[str, Any] | None = None,  # noqa: A002 - as --set on the command line
    until: str | None = None,
    force: Collection[str] = (),
    remote: str | None = None,
    home: str | os.PathLike[str] | None = None,
    runs: str | os.PathLike[str] = "runs",
) -> list[Step]:
    """What :func:`run` would do with the same arguments, and why; nothing is run.

    Raises:
        PipelineError: the pipeline can't be run as it is written.
    """
    checked = read(pipeline, set=set, until=until)
    planner = make_planner(
        checked,
        home=home_folder(home),
        runs=Path(runs),
        force=force,
        remote=remote_address(remote),
    )
    return planner.plan(checked)


def report(
    runs: Sequence[str],
    output: str | os.PathLike[str],
    *,
    tables: str | os.PathLike[str] | None = None,
    home: str | os.PathLike[str] | None = None,
) -> list[Path]:
    """Write a page on a run, or one that compares several.

    Args:
        runs: names of runs, or of pipelines for their latest runs.
        output: the page.
        tables: a folder for every table as CSV, Markdown and LaTeX.
        home: where results are stored; default as in :func:`run`.

    Returns:
        The files that were written.

    Raises:
        PipelineError: there is no such run.
    """
    from textdl.report.comparison import comparison, comparison_page
    from textdl.report.exporting import write_tables
    from textdl.report.page import Section
    from textdl.report.results import Results
    from textdl.report.run import run_sections, write_page_at, write_run_report

    page, store = Path(output), Store(home_folder(home))
    if page.is_dir():
        raise PipelineError(f"{page} is a folder: name the page, such as {page / 'report.html'}")
    found = [find_record(store, name) for name in runs]
    records = list({record["run"]: record for record in found}.values())
    sections: list[Section] = []
    warnings: dict[str, None] = {}
    if len(records) == 1:
        write_run_report(records[0], store.object, page, warn=warnings.setdefault)
        if tables:
            sections = run_sections(records[0], store.object, warn=warnings.setdefault)
    else:
        results = [Results(record, store.object) for record in records]
        sections = comparison(results, warn=warnings.setdefault)
        write_page_at(page, comparison_page(results, sections))
    for text in warnings:
        print(text, file=sys.stderr)
    return [page, *(write_tables(sections, Path(tables)) if tables else [])]


def read(
    pipeline: str | os.PathLike[str],
    *,
    set: Mapping[str, Any] | None = None,  # noqa: A002 - as --set on the command line
    until: str | None = None,
) -> Pipeline:
    """A pipeline file, checked.

    Raises:
        PipelineError: the pipeline can't be run as it is written.
    """
    checked = read_pipeline(Path(pipeline), find_stage, set)
    return checked.until(until) if until else checked


def home_folder(home: str | os.PathLike[str] | None) -> Path:
    """Where results are stored."""
    return Path(home).expanduser() if home else default_home()


def remote_address(remote: str | None) -> str | None:
    """Where else results are stored, if anywhere."""
    return remote or os.environ.get("TEXTDL_REMOTE") or None


def _keep_report(folder: Path, home: Path, display: Display, before: Record | None) -> None:
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
