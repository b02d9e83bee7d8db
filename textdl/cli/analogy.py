"""``textdl analogy``"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from textdl.cli.asking import (
    Among,
    Top,
    VectorsName,
    given_or_lines,
    open_vectors,
    print_answer,
)
from textdl.cli.options import Json
from textdl.errors import InputError


class Method(StrEnum):
    """How an analogy is scored."""

    add = "add"
    mul = "mul"
    pair = "pair"


def analogy(
    vectors: VectorsName,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="A B C", help="A is to B as C is to what; or a line for each question on stdin."
        ),
    ] = None,
    top: Top = 10,
    method: Annotated[Method, typer.Option(help="3CosAdd, 3CosMul or PairDirection.")] = Method.add,
    among: Among = None,
    as_json: Json = False,
) -> None:
    """Print what A is to as B is to C: man king woman gives queen."""
    loaded = open_vectors(vectors)
    questions = list(given_or_lines(words))
    for question in questions:
        if len(question) != 3:
            raise InputError(f"an analogy needs three words, not {' '.join(question)!r}")
    if not questions:
        return
    a, b, c = (list(column) for column in zip(*questions, strict=True))
    answers = loaded.analogy(a, b, c, top=top, method=method.value, among=among)
    for asked, answer in zip(answers.asked, answers, strict=True):
        print_answer(asked, answer, as_json=as_json)
