"""``textdl test``"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from textdl.cli import options
from textdl.cli.comparing import labelled, read_labelled


@click.command
@options.model
@labelled
@options.as_json
def test(model: Path, as_json: bool, **dataset: Any) -> None:
    """Measure a classifier on the labels of a dataset."""
    from textdl.classifiers import load_model
    from textdl.classifiers.scores import decide, majority, score_labels

    loaded = load_model(model)
    found = read_labelled(loaded, **dataset)
    predicted = decide(loaded.predict_proba(found.texts), several=loaded.several)
    scores = score_labels(found.labels, predicted, loaded.label_names)
    most = majority(found.labels)
    if as_json:
        facts = {"split": found.split, "documents": len(found.texts), "majority": most}
        click.echo(json.dumps(facts | asdict(scores), ensure_ascii=False, indent=1))
        return
    click.echo(
        f"{len(found.texts):,} documents of split {found.split!r}\n"
        f"accuracy  {scores.accuracy:.4f}  (always the most frequent label: {most:.4f})\n"
        f"macro-F1  {scores.macro_f1:.4f}\n"
    )
    _print_table(
        ["label", "precision", "recall", "F1", "documents"],
        [
            [
                name,
                *(f"{row[key]:.4f}" for key in ("precision", "recall", "f1")),
                f"{row['documents']:,}",
            ]
            for name, row in scores.per_class.items()
        ],
    )
    if scores.confusion:
        click.echo()
        names = loaded.label_names
        counts = zip(names, scores.confusion, strict=True)
        _print_table(
            ["true \\ predicted", *names],
            [[name, *(f"{n:,}" for n in row)] for name, row in counts],
        )


def _print_table(heading: list[str], rows: list[list[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(heading, *rows, strict=True)]
    for first, *others in (heading, *rows):
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        click.echo("  ".join([first.ljust(widths[0]), *cells]))
