"""``textdl predict``"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import click

from textdl.cli import options

BATCH = 1024  # texts read from the standard input before they are answered


@click.command
@options.model
@click.argument(
    "texts",
    metavar="[TEXT…]",
    nargs=-1,
    help="Texts; without any, lines of the standard input.",
)
@options.as_json
def predict(model: Path, texts: tuple[str, ...], as_json: bool) -> None:
    """Print the label of each text, or all that it has, with their probability."""
    from textdl.classifiers import load_model

    loaded = load_model(model)
    for batch in [list(texts)] if texts else _lines():
        probabilities = loaded.predict_proba(batch)
        answers = zip(batch, loaded.decide(probabilities), probabilities.tolist(), strict=True)
        for text, found, row in answers:
            shares = dict(zip(loaded.label_names, row, strict=True))
            if as_json:
                key = "labels" if loaded.several else "label"
                answer = {"text": text, key: found, "probabilities": shares}
                click.echo(json.dumps(answer, ensure_ascii=False))
            elif isinstance(found, str):
                click.echo(f"{found}  {shares[found]:.4f}  {text}")
            else:
                labels = ", ".join(f"{label} {shares[label]:.4f}" for label in found)
                click.echo(f"{labels or '–'}  {text}")


def _lines() -> Iterator[list[str]]:
    from textdl.errors import InputError

    sys.stdin.reconfigure(encoding="utf-8-sig", errors="strict")  # type: ignore[union-attr]
    lines = (line.rstrip("\r\n") for line in sys.stdin)
    try:
        while batch := list(islice(lines, BATCH)):
            yield batch
    except UnicodeDecodeError as error:
        raise InputError(f"standard input: not UTF-8 ({error}). Convert it with iconv") from error
