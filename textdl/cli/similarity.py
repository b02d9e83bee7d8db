"""``textdl similarity``"""

from __future__ import annotations

import click

from textdl.cli import asking, options
from textdl.errors import InputError


@click.command
@asking.vectors
@click.argument(
    "words",
    metavar="[A B]",
    nargs=-1,
    help="Two words; or on each line of the standard input.",
)
@options.as_json
def similarity(vectors: str, words: tuple[str, ...], as_json: bool) -> None:
    """Print the cosine of two words' vectors."""
    loaded = asking.open_vectors(vectors)
    for pair in asking.given_or_lines(words):
        if len(pair) != 2:
            raise InputError(f"similarity: give two words, not {' '.join(pair)!r}")
        cosine = loaded.similarity(*pair)
        if as_json:
            asking.print_json({"words": pair, "similarity": round(cosine, 6)})
        else:
            click.echo(f"{cosine:.4f}  {pair[0]}  {pair[1]}")
