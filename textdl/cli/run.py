"""``textdl run``"""

from __future__ import annotations

from pathlib import Path

import click

from textdl.cli import options
from textdl.cli.errors import FAILED, end, system_error


@click.command
@options.pipeline
@options.settings
@options.until
@options.force
@click.option(
    "--jobs",
    metavar="N",
    type=options.POSITIVE,
    default=1,
    help="Stages that run at the same time.",
)
@click.option(
    "--keep-going", is_flag=True, help="After a failure, go on with what does not need it."
)
@click.option("--locked", is_flag=True, help="Fail if a result differs from the lock file's.")
@options.remote
@options.home
@options.runs
def run(
    pipeline: Path,
    settings: tuple[str, ...],
    until: str | None,
    force: tuple[str, ...],
    jobs: int,
    keep_going: bool,
    locked: bool,
    remote: str | None,
    home: Path | None,
    runs: Path,
) -> None:
    """Run a pipeline; what is cached is not computed again."""
    import textdl
    from textdl.pipeline import ResultDiffersError, Stopped, parse_overrides

    kept = "Finished stages and checkpoints are kept: the same command goes on from there"
    try:
        finished = textdl.run(
            pipeline,
            set=parse_overrides(settings),
            until=until,
            force=force,
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
        click.echo(finished.folder / name)
    if (page := finished.folder / "report.html").is_file():
        click.echo(f"report: {page}", err=True)
