"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

PipelineFile = Annotated[Path, typer.Argument(metavar="PIPELINE", help="A pipeline's TOML file.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="STAGE.KEY=VALUE", help="Another value for a setting."),
]
Until = Annotated[
    str | None,
    typer.Option(metavar="STAGE", help="Only this stage, or all its cells, and what it needs."),
]
Force = Annotated[
    list[str] | None, typer.Option(metavar="STAGE", help="Run this stage though it is cached.")
]
Home = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Where results are stored (default $TEXTDL_HOME or ~/.cache/textdl)."
    ),
]
Remote = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Another place for results: a folder, s3://…, … (default $TEXTDL_REMOTE).",
    ),
]
Runs = Annotated[Path, typer.Option(metavar="DIR", help="Where the links to the results go.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
