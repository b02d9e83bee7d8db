"""``textdl lock``"""

from __future__ import annotations

from pathlib import Path

import click

from textdl.cli import options


@click.command
@options.pipeline
@options.settings
@options.home
@options.runs
def lock(pipeline: Path, settings: tuple[str, ...], home: Path | None, runs: Path) -> None:
    """Pin the digests of a pipeline's results in a file beside it, for `textdl run --locked`."""
    from textdl import api
    from textdl.pipeline import make_planner, parse_overrides
    from textdl.pipeline.lockfile import write_lock

    checked = api.read(pipeline, set=parse_overrides(settings))
    planner = make_planner(checked, home=api.home_folder(home), runs=runs)
    click.echo(write_lock(checked, planner))
