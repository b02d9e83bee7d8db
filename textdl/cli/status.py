"""``textdl status``"""

from __future__ import annotations

import time
from pathlib import Path

import click

from textdl.cli import options
from textdl.cli.asking import print_json


@click.command
@options.home
@options.as_json
def status(home: Path | None, as_json: bool) -> None:
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
        click.echo("nothing is running")
    for stage in found:
        text = f"{stage['stage']}: for {seconds_text(max(0.0, time.time() - stage['since']))}"
        if progress := stage["progress"]:
            total = progress["total"]
            share = f"{progress['done'] / total:.0%} of " if total else f"{progress['done']:,.0f} "
            text += f", {share}{f'{total:,.0f} ' if total else ''}{progress['unit']}"
        click.echo(f"{text}, process {stage['pid']} on {stage['host']}")
