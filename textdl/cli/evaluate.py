"""``textdl evaluate``"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from textdl.cli.asking import VectorsName, open_vectors, print_json
from textdl.cli.options import Json

DEFAULT = ("wordsim353", "simlex999", "google-analogies")


def evaluate(
    vectors: VectorsName,
    sets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SET…",
            help=f"Files of pairs or analogies, or some of {', '.join(DEFAULT)} (default all).",
        ),
    ] = None,
    restrict: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Analogies among the first N words only; 30000 is usual."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure vectors on word pairs that people judged, and on analogies."""
    from textdl.vectors import evaluate
    from textdl.vectors.evaluation.files import evaluation_file, holds_analogies

    files = [(name, evaluation_file(name)) for name in sets or DEFAULT]
    loaded = open_vectors(vectors)
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
            print_json({"set": name, **facts})
        else:
            typer.echo(f"{name}\n{text}\n")
