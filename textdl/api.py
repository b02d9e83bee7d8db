"""Running a pipeline from Python."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
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
    make_planner,
    read_pipeline,
    run_pipeline,
)
from textdl.pipeline.events import Display
from textdl.pipeline.lockfile import read_lock
from textdl.pipeline.record import read_record
from textdl.reporting import report_of_run
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
    """
    if jobs < 1:
        raise PipelineError(f"--jobs {jobs}: at least 1")
    checked = read(pipeline, set=set, until=until)
    shown = display or default_display()
    folder = Path(runs) / checked.name
    before = read_record(folder / "run.json")
    try:
        finished = run_pipeline(
            checked,
            home=home_folder(home),
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
        report_of_run(folder, home_folder(home), shown, before)
        raise
    report_of_run(folder, home_folder(home), shown, before)
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
