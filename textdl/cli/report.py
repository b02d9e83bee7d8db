"""``textdl report``"""

from __future__ import annotations

from pathlib import Path

import click

from textdl.cli import options


@click.command
@click.argument(
    "runs",
    metavar="RUN…",
    nargs=-1,
    required=True,
    help="Runs of `textdl runs`, or pipelines' latest.",
)
@click.option(
    "-o", "--output", metavar="FILE", type=options.PATH, help="The page (default report.html)."
)
@click.option(
    "--tables",
    metavar="DIR",
    type=options.PATH,
    help="Write every table as CSV, Markdown and LaTeX too.",
)
@options.home
def report(
    runs: tuple[str, ...], output: Path | None, tables: Path | None, home: Path | None
) -> None:
    """Write a page on a run, or one that compares several."""
    from textdl import api

    for path in api.report(runs, output or "report.html", tables=tables, home=home):
        click.echo(path)
