"""``textdl runs``"""

from __future__ import annotations

import time
from pathlib import Path

import click

from textdl.cli import options
from textdl.cli.asking import print_json


@click.command
@click.argument("pipeline", required=False, help="Only runs of this name.")
@click.option(
    "--top", metavar="N", type=options.POSITIVE, default=20, help="How many, the latest first."
)
@options.home
@options.as_json
def runs(pipeline: str | None, top: int, home: Path | None, as_json: bool) -> None:
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
        click.echo("no runs")
    for record in found:
        stages = [e for e in record["stages"].values() if not e["of_an_earlier_run"]]
        computed = sum(not entry["cached"] for entry in stages)
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(record["started_at"]))
        git = record["git"]
        commit = f"  {git['commit'][:9]}{' (changed)' if git['dirty'] else ''}" if git else ""
        click.echo(
            f"{record['run']}  {when}  {record['outcome']:<10}  {len(stages):>3} stages, "
            f"{computed} computed, {seconds_text(record['seconds'])}{commit}"
        )
