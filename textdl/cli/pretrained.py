"""``textdl pretrained``"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from textdl.cli.asking import print_json
from textdl.cli.errors import explained
from textdl.cli.options import Json

app = typer.Typer(help="Pretrained vectors that textdl knows by name.", no_args_is_help=True)


def list_(
    part: Annotated[str, typer.Argument(metavar="PART", help="Only names with this in them.")] = "",
    as_json: Json = False,
) -> None:
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
            typer.echo(f"{name:<40} {words:>10} × {known.dim:<4} {size:>9}  {known.licence}")


def get(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name of the list.")],
) -> None:
    """Download vectors into the cache, or finish a download, and print where they are."""
    from textdl.cli.progress import shown
    from textdl.vectors.sources.pretrained import pretrained

    with shown() as progress:
        typer.echo(pretrained(name).get(progress=progress).name)


app.command("list")(explained(list_))
app.command("get")(explained(get))
