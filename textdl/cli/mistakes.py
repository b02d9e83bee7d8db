"""``textdl errors``"""

from __future__ import annotations

import json

import typer

from textdl.cli.asking import Top
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

SHOWN = 200
"""Characters of a text, unless as JSON."""


def errors(
    model: Model,
    dataset: Dataset,
    top: Top = 10,
    split: Split = None,
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    label_separator: LabelSeparator = None,
    config: Config = None,
    revision: Revision = None,
    as_json: Json = False,
) -> None:
    """Print the most confident mistakes of a classifier: probability, true and predicted label."""
    from textdl.classifiers import load_model
    from textdl.classifiers.inputs import label_names
    from textdl.classifiers.scores import mistakes

    loaded = load_model(model)
    found = read_labelled(
        loaded, dataset, split,
        text_column=text_column, label_column=label_column, label_separator=label_separator,
        config=config, revision=revision,
    )  # fmt: skip
    probabilities = loaded.predict_proba(found.texts)
    wrong, confidence = mistakes(found.labels, probabilities)
    if not as_json:
        typer.echo(
            f"{len(wrong):,} of {len(found.texts):,} documents of split {found.split!r} are wrong"
        )
    predicted = loaded.decide(probabilities)
    true = label_names(found.labels, loaded.label_names)
    for row, probability in zip(wrong[:top].tolist(), confidence[:top].tolist(), strict=True):
        if as_json:
            answer = {
                "text": found.texts[row],
                "label": true[row],
                "predicted": predicted[row],
                "probability": probability,
            }
            typer.echo(json.dumps(answer, ensure_ascii=False))
        else:
            pair = f"{_joined(true[row])} → {_joined(predicted[row])}"
            typer.echo(f"{probability:.4f}  {pair}  {_shortened(found.texts[row])}")


def _joined(labels: str | list[str]) -> str:
    return labels if isinstance(labels, str) else ", ".join(labels) or "–"


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"
