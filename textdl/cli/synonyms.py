"""``textdl synonyms``"""

from __future__ import annotations

from itertools import chain

import click

from textdl.cli import asking, options


@click.command
@asking.vectors
@asking.words
@asking.top
@options.as_json
def synonyms(vectors: str, words: tuple[str, ...], top: int, as_json: bool) -> None:
    """Print words that may replace each word: neighbours without its own forms, opposites last."""
    loaded = asking.open_vectors(vectors)
    for word in chain.from_iterable(asking.given_or_lines(words)):
        asking.print_answer(word, loaded.synonyms(word, top=top), as_json=as_json)
