"""``textdl odd-one-out``"""

from __future__ import annotations

from typing import Annotated

import typer

from textdl.cli.asking import VectorsName, given_or_lines, open_vectors, print_json
from textdl.cli.options import Json


def odd_one_out(
    vectors: VectorsName,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="WORD…", help="Words; or on each line of the standard input."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the word that belongs least to the others."""
    loaded = open_vectors(vectors)
    for group in given_or_lines(words):
        odd = loaded.odd_one_out(group)
        if as_json:
            print_json({"words": group, "odd": odd})
        else:
            typer.echo(odd)
