"""``textdl synonyms``"""

from __future__ import annotations

from itertools import chain
from typing import Annotated

import typer

from textdl.cli.asking import Top, VectorsName, given_or_lines, open_vectors, print_answer
from textdl.cli.options import Json


def synonyms(
    vectors: VectorsName,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="WORD…", help="Words; without any, those of the standard input."),
    ] = None,
    top: Top = 10,
    as_json: Json = False,
) -> None:
    """Print words that may replace each word: neighbours without its own forms, opposites last."""
    loaded = open_vectors(vectors)
    for word in chain.from_iterable(given_or_lines(words)):
        print_answer(word, loaded.synonyms(word, top=top), as_json=as_json)
