"""``textdl diff``"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from textdl.cli.asking import print_json
from textdl.cli.options import Home, Json

RunName = Annotated[
    str, typer.Argument(metavar="RUN", help="A run of `textdl runs`, or a pipeline's latest.")
]


def diff(one: RunName, other: RunName, home: Home = None, as_json: Json = False) -> None:
    """Say in which settings, results and metrics two runs differ."""
    from textdl import api
    from textdl.pipeline import Store
    from textdl.pipeline.record import differences, find_record

    store = Store(api.home_folder(home))
    found = differences(find_record(store, one), find_record(store, other))
    if as_json:
        keys = ("stage", "what", "one", "other")
        print_json([dict(zip(keys, difference, strict=True)) for difference in found])
        return
    if not found:
        typer.echo("no differences")
    for stage, what, before, after in found:
        typer.echo(f"{stage}  {what}: {_text(before)} → {_text(after)}")


def _text(value: Any) -> str:
    if value is None:
        return "nothing"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
