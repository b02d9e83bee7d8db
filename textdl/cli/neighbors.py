"""``textdl neighbors``"""

from __future__ import annotations

import json
from itertools import chain

import click

from textdl.cli import asking, options


@click.command
@asking.vectors
@asking.words
@asking.top
@asking.among
@options.as_json
def neighbors(
    vectors: str, words: tuple[str, ...], top: int, among: int | None, as_json: bool
) -> None:
    """Print the words that are nearest to each word."""
    loaded = asking.open_vectors(vectors)
    asked = list(chain.from_iterable(asking.given_or_lines(words)))
    answers = loaded.neighbors(asked, top=top, among=among)
    if as_json:
        found = {word: asking.table(answer) for word, answer in zip(asked, answers, strict=True)}
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for word, answer in zip(asked, answers, strict=True):
        asking.print_answer(word, answer, as_json=False)
