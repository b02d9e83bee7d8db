"""``textdl predict``"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from textdl.cli.options import Json

BATCH = 1024  # texts read from the standard input before they are answered


def predict(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="A classifier, such as runs/imdb/textcnn.")
    ],
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT…", help="Texts; without any, lines of the standard input."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the label of each text, with its probability."""
    from textdl.classifiers import load_model

    loaded = load_model(model)
    for batch in [texts] if texts else _lines():
        probabilities = loaded.predict_proba(batch)
        for text, row in zip(batch, probabilities.tolist(), strict=True):
            best = max(range(len(row)), key=row.__getitem__)
            label = loaded.label_names[best]
            if as_json:
                answer = {
                    "text": text,
                    "label": label,
                    "probabilities": dict(zip(loaded.label_names, row, strict=True)),
                }
                typer.echo(json.dumps(answer, ensure_ascii=False))
            else:
                typer.echo(f"{label}  {row[best]:.4f}  {text}")


def _lines() -> Iterator[list[str]]:
    from textdl.errors import InputError

    sys.stdin.reconfigure(encoding="utf-8", errors="strict")  # type: ignore[union-attr]
    lines = (line.rstrip("\r\n") for line in sys.stdin)
    try:
        while batch := list(islice(lines, BATCH)):
            yield batch
    except UnicodeDecodeError as error:
        raise InputError(f"standard input: not UTF-8 ({error}). Convert it with iconv") from error
