"""``textdl analogy``"""

from __future__ import annotations

from typing import Literal

import click

from textdl.cli import asking, options
from textdl.errors import InputError


@click.command
@asking.vectors
@click.argument(
    "words",
    metavar="[A B C]",
    nargs=-1,
    help="A is to B as C is to what; or a line for each question on stdin.",
)
@asking.top
@click.option(
    "--method",
    type=click.Choice(["add", "mul", "pair"]),
    default="add",
    help="3CosAdd, 3CosMul or PairDirection.",
)
@asking.among
@options.as_json
def analogy(
    vectors: str,
    words: tuple[str, ...],
    top: int,
    method: Literal["add", "mul", "pair"],
    among: int | None,
    as_json: bool,
) -> None:
    """Print what A is to as B is to C: man king woman gives queen."""
    loaded = asking.open_vectors(vectors)
    questions = list(asking.given_or_lines(words))
    for question in questions:
        if len(question) != 3:
            raise InputError(f"an analogy needs three words, not {' '.join(question)!r}")
    if not questions:
        return
    a, b, c = (list(column) for column in zip(*questions, strict=True))
    answers = loaded.analogy(a, b, c, top=top, method=method, among=among)
    for asked, answer in zip(answers.asked, answers, strict=True):
        asking.print_answer(asked, answer, as_json=as_json)
