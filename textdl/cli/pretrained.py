"""``textdl pretrained``"""

from __future__ import annotations

from dataclasses import asdict

import click

from textdl.cli import options
from textdl.cli.asking import print_json
from textdl.cli.groups import InOrder


@click.group(cls=InOrder)
def pretrained() -> None:
    """Pretrained vectors that textdl knows by name."""


@pretrained.command("list")
@click.argument("part", default="", help="Only names with this in them.")
@options.as_json
def list_(part: str, as_json: bool) -> None:
    """List the names, with size and licence."""
    from textdl.vectors.sources.pretrained import pretrained, pretrained_names

    for name in pretrained_names():
        if part.lower() not in name.lower():
            continue
        known = pretrained(name)
        if as_json:
            print_json(asdict(known))
        else:
            words = f"{known.words:,}" if known.words else "?"
            size = f"{known.size / 1e6:,.0f} MB" if known.size else "?"
            click.echo(f"{name:<40} {words:>10} × {known.dim:<4} {size:>9}  {known.licence}")


@pretrained.command
@click.argument("name", help="A name of the list.")
def get(name: str) -> None:
    """Download vectors into the cache, or finish a download, and print where they are."""
    from textdl.cli.progress import shown
    from textdl.vectors.sources.pretrained import pretrained

    with shown() as progress:
        click.echo(pretrained(name).get(progress=progress).name)
