"""``textdl odd-one-out``"""

from __future__ import annotations

import click

from textdl.cli import asking, options


@click.command
@asking.vectors
@click.argument(
    "words",
    metavar="[WORD…]",
    nargs=-1,
    help="Words; or on each line of the standard input.",
)
@options.as_json
def odd_one_out(vectors: str, words: tuple[str, ...], as_json: bool) -> None:
    """Print the word that belongs least to the others."""
    loaded = asking.open_vectors(vectors)
    for group in asking.given_or_lines(words):
        odd = loaded.odd_one_out(group)
        if as_json:
            asking.print_json({"words": group, "odd": odd})
        else:
            click.echo(odd)
