"""``textdl similarity``"""

from __future__ import annotations

from typing import Annotated

import typer

from textdl.cli.asking import VectorsName, given_or_lines, open_vectors, print_json
from textdl.cli.options import Json
from textdl.errors import InputError


def similarity(
    vectors: VectorsName,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="A B", help="Two words; or on each line of the standard input."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the cosine of two words' vectors."""
    loaded = open_vectors(vectors)
    for pair in given_or_lines(words):
        if len(pair) != 2:
            raise InputError(f"similarity: give two words, not {' '.join(pair)!r}")
        cosine = loaded.similarity(*pair)
        if as_json:
            print_json({"words": pair, "similarity": round(cosine, 6)})
        else:
            typer.echo(f"{cosine:.4f}  {pair[0]}  {pair[1]}")
