"""``textdl lock``"""

from __future__ import annotations

from pathlib import Path

import typer

from textdl.cli.options import Home, PipelineFile, Runs, Set


def lock(
    pipeline: PipelineFile, set_: Set = None, home: Home = None, runs: Runs = Path("runs")
) -> None:
    """Pin the digests of a pipeline's results in a file beside it, for `textdl run --locked`."""
    from textdl import api
    from textdl.pipeline import make_planner, parse_overrides
    from textdl.pipeline.lockfile import write_lock

    checked = api.read(pipeline, set=parse_overrides(set_ or []))
    planner = make_planner(checked, home=api.home_folder(home), runs=runs)
    typer.echo(write_lock(checked, planner))
