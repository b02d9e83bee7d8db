"""``textdl diff``"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from textdl.cli import options
from textdl.cli.asking import print_json

RUN = "A run of `textdl runs`, or a pipeline's latest."


@click.command
@click.argument("one", metavar="RUN", help=RUN)
@click.argument("other", metavar="RUN", help=RUN)
@options.home
@options.as_json
def diff(one: str, other: str, home: Path | None, as_json: bool) -> None:
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
        click.echo("no differences")
    for stage, what, before, after in found:
        click.echo(f"{stage}  {what}: {_text(before)} → {_text(after)}")


def _text(value: Any) -> str:
    if value is None:
        return "nothing"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
