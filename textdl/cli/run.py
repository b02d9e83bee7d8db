"""``textdl run``"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from textdl.cli.errors import FAILED, end, system_error
from textdl.cli.options import Force, Home, PipelineFile, Remote, Runs, Set, Until


def run(
    pipeline: PipelineFile,
    set_: Set = None,
    until: Until = None,
    force: Force = None,
    jobs: Annotated[
        int, typer.Option(metavar="N", min=1, help="Stages that run at the same time.")
    ] = 1,
    keep_going: Annotated[
        bool,
        typer.Option("--keep-going", help="After a failure, go on with what does not need it."),
    ] = False,
    locked: Annotated[
        bool, typer.Option("--locked", help="Fail if a result differs from the lock file's.")
    ] = False,
    remote: Remote = None,
    home: Home = None,
    runs: Runs = Path("runs"),
) -> None:
    """Run a pipeline; what is cached is not computed again."""
    import textdl
    from textdl.pipeline import ResultDiffersError, Stopped, parse_overrides

    kept = "Finished stages and checkpoints are kept: the same command goes on from there"
    try:
        finished = textdl.run(
            pipeline,
            set=parse_overrides(set_ or []),
            until=until,
            force=force or [],
            jobs=jobs,
            keep_going=keep_going,
            locked=locked,
            remote=remote,
            home=home,
            runs=runs,
        )
    except OSError as error:
        end(f"{system_error(error)}. Finished stages are kept", FAILED)
    except ResultDiffersError as error:
        end(str(error), FAILED)
    except KeyboardInterrupt as error:
        signal = error.args[0] if isinstance(error, Stopped) else 2
        end(f"stopped. {kept}", 128 + signal)
    for name in finished:
        typer.echo(finished.folder / name)
    if (page := finished.folder / "report.html").is_file():
        typer.echo(f"report: {page}", err=True)
