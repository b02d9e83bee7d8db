"""``textdl status``"""

from __future__ import annotations

import time

import typer

from textdl.cli.asking import print_json
from textdl.cli.options import Home, Json


def status(home: Home = None, as_json: Json = False) -> None:
    """Say which stages are being computed, by whom, and how far they are."""
    from textdl import api
    from textdl.pipeline import Store
    from textdl.pipeline.events import seconds_text
    from textdl.pipeline.store.results import computing

    found = computing(Store(api.home_folder(home)))
    if as_json:
        print_json(found)
        return
    if not found:
        typer.echo("nothing is running")
    for stage in found:
        text = f"{stage['stage']}: for {seconds_text(max(0.0, time.time() - stage['since']))}"
        if progress := stage["progress"]:
            total = progress["total"]
            share = f"{progress['done'] / total:.0%} of " if total else f"{progress['done']:,.0f} "
            text += f", {share}{f'{total:,.0f} ' if total else ''}{progress['unit']}"
        typer.echo(f"{text}, process {stage['pid']} on {stage['host']}")
