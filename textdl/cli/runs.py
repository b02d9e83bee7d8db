"""``textdl runs``"""

from __future__ import annotations

import time
from typing import Annotated

import typer

from textdl.cli.asking import print_json
from textdl.cli.options import Home, Json


def runs(
    pipeline: Annotated[
        str | None, typer.Argument(metavar="[PIPELINE]", help="Only runs of this name.")
    ] = None,
    top: Annotated[int, typer.Option(metavar="N", min=1, help="How many, the latest first.")] = 20,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """List the runs that used the store."""
    from textdl import api
    from textdl.pipeline import Store
    from textdl.pipeline.events import seconds_text
    from textdl.pipeline.record import records

    store = Store(api.home_folder(home))
    found = [r for r in records(store) if pipeline in (None, r["pipeline"])][:top]
    if as_json:
        print_json(found)
        return
    if not found:
        typer.echo("no runs")
    for record in found:
        stages = [e for e in record["stages"].values() if not e["of_an_earlier_run"]]
        computed = sum(not entry["cached"] for entry in stages)
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(record["started_at"]))
        git = record["git"]
        commit = f"  {git['commit'][:9]}{' (changed)' if git['dirty'] else ''}" if git else ""
        typer.echo(
            f"{record['run']}  {when}  {record['outcome']:<10}  {len(stages):>3} stages, "
            f"{computed} computed, {seconds_text(record['seconds'])}{commit}"
        )
