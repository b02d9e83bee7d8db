"""``textdl run``"""

from __future__ import annotations

from pathlib import Path

import typer

from textdl.cli.errors import FAILED, INTERRUPTED, end, system_error
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

    try:
        finished = textdl.run(
            pipeline,
            set=parse_overrides(set_ or []),
            until=until,
            force=force or [],
            home=home,
            runs=runs,
        )
    except OSError as error:
        end(f"{system_error(error)}. Finished stages are kept", FAILED)
    except KeyboardInterrupt:
        kept = "Finished stages and checkpoints are kept: the same command goes on from there"
        end(f"interrupted. {kept}", INTERRUPTED)
    for name in finished:
        typer.echo(finished.folder / name)
