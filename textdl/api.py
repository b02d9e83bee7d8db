"""Running a pipeline from Python."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from textdl.home import default_home
from textdl.pipeline import (
    Pipeline,
    Run,
    Step,
    plan_pipeline,
    read_pipeline,
    run_pipeline,
)
from textdl.pipeline.display import Display
from textdl.stages import find_stage

PACKAGES = ("textdl", "numpy", "numba", "torch", "scikit-learn", "datasets")


def run(
    pipeline: str | os.PathLike[str],
    *,
    set: Mapping[str, Any] | None = None,  # noqa: A002 - as --set on the command line
    until: str | None = None,
    force: Collection[str] = (),
    home: str | os.PathLike[str] | None = None,
    runs: str | os.PathLike[str] = "runs",
    display: Display | None = None,
) -> Run:
    """Run a pipeline file; what is cached is not computed again.

    >>> run = textdl.run("pipelines/imdb.toml", set={"skipgram.dim": 300})  # doctest: +SKIP
    >>> run.skipgram.neighbors("film")  # doctest: +SKIP

    Args:
        set: values by ``stage.setting``, which go before those of the file.
        until: the last stage to run, with what it needs.
        force: stages to run although they are cached.
        home: where results are stored; default ``$TEXTDL_HOME`` or ``~/.cache/textdl``.
        runs: where the links to the results and ``run.json`` go.
        display: who hears of progress; default bars on a terminal, else lines.

    Returns:
        the stages' results as attributes and items, loaded when first asked for.

    Raises:
        PipelineError: the pipeline can't be run as it is written.
        StageFailedError: a stage failed; what was finished before is kept.
    """
    return run_pipeline(
        _read(pipeline, set, until),
        home=_home(home),
        runs=Path(runs),
        force=force,
        display=display,
        packages=PACKAGES,
    )


def plan(
    pipeline: str | os.PathLike[str],
    *,
    set: Mapping[str, Any] | None = None,  # noqa: A002 - as --set on the command line
    until: str | None = None,
    force: Collection[str] = (),
    home: str | os.PathLike[str] | None = None,
    runs: str | os.PathLike[str] = "runs",
) -> list[Step]:
    """What :func:`run` would do with the same arguments, and why; nothing is run.

    Raises:
        PipelineError: the pipeline can't be run as it is written.
    """
    return plan_pipeline(
        _read(pipeline, set, until), home=_home(home), runs=Path(runs), force=force
    )


def _read(
    pipeline: str | os.PathLike[str], overrides: Mapping[str, Any] | None, until: str | None
) -> Pipeline:
    checked = read_pipeline(Path(pipeline), find_stage, overrides)
    return checked.until(until) if until else checked


def _home(home: str | os.PathLike[str] | None) -> Path:
    return Path(home).expanduser() if home else default_home()
