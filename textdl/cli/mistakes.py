"""``textdl errors``"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from textdl.cli import asking, options
from textdl.cli.comparing import labelled, read_labelled

SHOWN = 200
"""Characters of a text, unless as JSON."""


@click.command
@options.model
@asking.top
@labelled
@options.as_json
def errors(model: Path, top: int, as_json: bool, **dataset: Any) -> None:
    """Print the most confident mistakes of a classifier: probability, true and predicted label."""
    from textdl.classifiers import load_model
    from textdl.classifiers.inputs import label_names
    from textdl.classifiers.scores import mistakes

    loaded = load_model(model)
    found = read_labelled(loaded, **dataset)
    probabilities = loaded.predict_proba(found.texts)
    wrong, confidence = mistakes(found.labels, probabilities)
    if not as_json:
        click.echo(
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
            click.echo(json.dumps(answer, ensure_ascii=False))
        else:
            pair = f"{_joined(true[row])} → {_joined(predicted[row])}"
            click.echo(f"{probability:.4f}  {pair}  {_shortened(found.texts[row])}")


def _joined(labels: str | list[str]) -> str:
    return labels if isinstance(labels, str) else ", ".join(labels) or "–"


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"
