"""``textdl test``"""
# ruff: noqa: PT028 - a verb of the command line, no test

from __future__ import annotations

import json
from dataclasses import asdict

import typer

from textdl.cli.comparing import (
    Config,
    Dataset,
    LabelColumn,
    LabelSeparator,
    Revision,
    Split,
    TextColumn,
    read_labelled,
)
from textdl.cli.options import Json
from textdl.cli.predict import Model


def test(
    model: Model,
    dataset: Dataset,
    split: Split = None,
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    label_separator: LabelSeparator = None,
    config: Config = None,
    revision: Revision = None,
    as_json: Json = False,
) -> None:
    """Measure a classifier on the labels of a dataset."""
    from textdl.classifiers import load_model
    from textdl.classifiers.scores import decide, majority, score_labels

    loaded = load_model(model)
    found = read_labelled(
        loaded, dataset, split,
        text_column=text_column, label_column=label_column, label_separator=label_separator,
        config=config, revision=revision,
    )  # fmt: skip
    predicted = decide(loaded.predict_proba(found.texts), several=loaded.several)
    scores = score_labels(found.labels, predicted, loaded.label_names)
    most = majority(found.labels)
    if as_json:
        facts = {"split": found.split, "documents": len(found.texts), "majority": most}
        typer.echo(json.dumps(facts | asdict(scores), ensure_ascii=False, indent=1))
        return
    typer.echo(
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
        typer.echo()
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
        typer.echo("  ".join([first.ljust(widths[0]), *cells]))
