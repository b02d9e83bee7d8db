"""``textdl evaluate``"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from textdl.cli import asking, options

DEFAULT = ("wordsim353", "simlex999", "google-analogies")


@click.command
@asking.vectors
@click.argument(
    "sets",
    metavar="[SET…]",
    nargs=-1,
    help=f"Files of pairs or analogies, or some of {', '.join(DEFAULT)} (default all).",
)
@click.option(
    "--restrict",
    metavar="N",
    type=options.POSITIVE,
    help="Analogies among the first N words only; 30000 is usual.",
)
@options.as_json
def evaluate(vectors: str, sets: tuple[str, ...], restrict: int | None, as_json: bool) -> None:
    """Measure vectors on word pairs that people judged, and on analogies."""
    from textdl.vectors import evaluate
    from textdl.vectors.evaluation.files import evaluation_file, holds_analogies

    files = [(name, evaluation_file(name)) for name in sets or DEFAULT]
    loaded = asking.open_vectors(vectors)
    for name, path in files:
        if holds_analogies(path):
            found = evaluate.analogies(loaded, path, restrict=restrict, method="both")
            ways = {"add": found, "mul": found.mul or found}
            facts: dict[str, Any] = {
                way: {section: asdict(score) for section, score in scores.sections.items()}
                for way, scores in ways.items()
            }
            text = repr(found)
        else:
            pairs = evaluate.similarity(loaded, path)
            facts, text = asdict(pairs), repr(pairs)
        if as_json:
            asking.print_json({"set": name, **facts})
        else:
            click.echo(f"{name}\n{text}\n")
