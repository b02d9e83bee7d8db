"""What the verbs that ask vectors have in common."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from textdl.cli.options import POSITIVE
from textdl.errors import InputError

if TYPE_CHECKING:
    from textdl.vectors import Neighbors, Vectors

vectors = click.argument(
    "vectors",
    help="A file or folder of vectors, an address, or a name of `textdl pretrained list`.",
)
words = click.argument(
    "words",
    metavar="[WORD…]",
    nargs=-1,
    help="Words; without any, those of the standard input.",
)
top = click.option("--top", metavar="N", type=POSITIVE, default=10, help="How many answers.")
among = click.option(
    "--among",
    metavar="N",
    type=POSITIVE,
    help="Only the first N words, which are the frequent ones.",
)
limit = click.option("--limit", metavar="N", type=POSITIVE, help="Load only the first N words.")


def open_vectors(name: str, **options: Any) -> Vectors:
    """The vectors that the first argument names."""
    from textdl.cli.progress import shown
    from textdl.vectors import load_vectors

    with shown() as progress:
        return load_vectors(name, progress=progress, **options)


def given_or_lines(words: Sequence[str]) -> Iterable[list[str]]:
    """The words of the command line at once, or those of each line of the standard input."""
    return [list(words)] if words else _lines()


def _lines() -> Iterator[list[str]]:
    sys.stdin.reconfigure(encoding="utf-8-sig", errors="strict")  # type: ignore[union-attr]
    try:
        for line in sys.stdin:
            if words := line.split():
                yield words
    except UnicodeDecodeError as error:
        raise InputError(f"standard input: not UTF-8 ({error}). Convert it with iconv") from error


def print_json(value: Any) -> None:
    """One line of JSON."""
    click.echo(json.dumps(value, ensure_ascii=False))


def table(answer: Neighbors) -> list[dict[str, Any]]:
    """An answer as JSON."""
    return [{"word": word, "score": round(score, 6)} for word, score in answer]


def print_answer(asked: str, answer: Neighbors, *, as_json: bool) -> None:
    """A question and its answer, as text or as a line of JSON."""
    if as_json:
        print_json({"asked": asked, "answers": table(answer)})
        return
    click.echo(asked)
    for line in repr(answer).splitlines():
        click.echo(f"  {line}")
