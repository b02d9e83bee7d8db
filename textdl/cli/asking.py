"""What the verbs that ask vectors have in common."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textdl.errors import InputError

if TYPE_CHECKING:
    from textdl.vectors import Neighbors, Vectors

VectorsName = Annotated[
    str,
    typer.Argument(
        metavar="VECTORS",
        help="A file or folder of vectors, an address, or a name of `textdl pretrained list`.",
    ),
]
Top = Annotated[int, typer.Option(metavar="N", min=1, help="How many answers.")]
Among = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Only the first N words, which are the frequent ones."),
]
Limit = Annotated[int | None, typer.Option(metavar="N", min=1, help="Load only the first N words.")]


def open_vectors(name: str, **options: Any) -> Vectors:
    """The vectors that the first argument names."""
    from textdl.cli.progress import shown
    from textdl.vectors import load_vectors

    with shown() as progress:
        return load_vectors(name, progress=progress, **options)


def given_or_lines(words: list[str] | None) -> Iterable[list[str]]:
    """The words of the command line at once, or those of each line of the standard input."""
    return [words] if words else _lines()


def _lines() -> Iterator[list[str]]:
    sys.stdin.reconfigure(encoding="utf-8", errors="strict")  # type: ignore[union-attr]
    try:
        for line in sys.stdin:
            if words := line.split():
                yield words
    except UnicodeDecodeError as error:
        raise InputError(f"standard input: not UTF-8 ({error}). Convert it with iconv") from error


def print_json(value: Any) -> None:
    """One line of JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def table(answer: Neighbors) -> list[dict[str, Any]]:
    """An answer as JSON."""
    return [{"word": word, "score": round(score, 6)} for word, score in answer]


def print_answer(asked: str, answer: Neighbors, *, as_json: bool) -> None:
    """A question and its answer, as text or as a line of JSON."""
    if as_json:
        print_json({"asked": asked, "answers": table(answer)})
        return
    typer.echo(asked)
    for line in repr(answer).splitlines():
        typer.echo(f"  {line}")
