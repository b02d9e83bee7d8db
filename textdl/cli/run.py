"""``textdl run``"""

from __future__ import annotations

from pathlib import Path

import typer

from textdl.cli.options import Force, Home, PipelineFile, Runs, Set, Until


def run(
    pipeline: PipelineFile,
    set_: Set = None,
    until: Until = None,
    force: Force = None,
    home: Home = None,
    runs: Runs = Path("runs"),
) -> None:
    """Run a pipeline; what is cached is not computed again."""
    import textdl
    from textdl.pipeline import parse_overrides

    finished = textdl.run(
        pipeline,
        set=parse_overrides(set_ or []),
        until=until,
        force=force or [],
        home=home,
        runs=runs,
    )
    for name in finished:
        typer.echo(finished.folder / name)
