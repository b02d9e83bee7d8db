"""``textdl report``"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from textdl.cli.options import Home


def report(
    runs: Annotated[
        list[str],
        typer.Argument(metavar="RUN…", help="Runs of `textdl runs`, or pipelines' latest."),
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="The page (default report.html)."),
    ] = None,
    tables: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write every table as CSV, Markdown and LaTeX too."),
    ] = None,
    home: Home = None,
) -> None:
    """Write a page on a run, or one that compares several."""
    from textdl import api, reporting

    page = output or Path("report.html")
    for path in reporting.report(runs, page, api.home_folder(home), tables=tables):
        typer.echo(path)
