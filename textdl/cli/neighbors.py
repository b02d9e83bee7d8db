"""``textdl neighbors``"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from textdl.cli.options import Json


def neighbors(
    vectors: Annotated[
        Path, typer.Argument(metavar="VECTORS", help="Vectors, such as runs/imdb/skipgram.")
    ],
    words: Annotated[list[str], typer.Argument(metavar="WORD…", help="Words to look up.")],
    top: Annotated[int, typer.Option(metavar="N", min=1, help="Neighbours of each word.")] = 10,
    as_json: Json = False,
) -> None:
    """Print the words that are nearest to each word."""
    from textdl.vectors import load_vectors

    loaded = load_vectors(vectors)
    found = {word: loaded.neighbors(word, top=top) for word in words}
    if as_json:
        table = {
            word: [{"word": other, "score": round(score, 6)} for other, score in near]
            for word, near in found.items()
        }
        typer.echo(json.dumps(table, ensure_ascii=False, indent=1))
        return
    for word, near in found.items():
        typer.echo(f"{word}")
        for line in repr(near).splitlines():
            typer.echo(f"  {line}")
