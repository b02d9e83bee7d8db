"""``textdl neighbors``"""

from __future__ import annotations

import json
from itertools import chain
from typing import Annotated

import typer

from textdl.cli.asking import (
    Among,
    Top,
    VectorsName,
    given_or_lines,
    open_vectors,
    print_answer,
    table,
)
from textdl.cli.options import Json


def neighbors(
    vectors: VectorsName,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="WORD…", help="Words; without any, those of the standard input."),
    ] = None,
    top: Top = 10,
    among: Among = None,
    as_json: Json = False,
) -> None:
    """Print the words that are nearest to each word."""
    loaded = open_vectors(vectors)
    asked = list(chain.from_iterable(given_or_lines(words)))
    answers = loaded.neighbors(asked, top=top, among=among)
    if as_json:
        found = {word: table(answer) for word, answer in zip(asked, answers, strict=True)}
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for word, answer in zip(asked, answers, strict=True):
        print_answer(word, answer, as_json=False)
