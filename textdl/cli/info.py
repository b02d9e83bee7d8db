"""``textdl info``"""

from __future__ import annotations

import json

import typer

from textdl.cli.asking import Limit, VectorsName, open_vectors
from textdl.cli.options import Json


def info(vectors: VectorsName, limit: Limit = None, as_json: Json = False) -> None:
    """Say what vectors hold and where they come from."""
    loaded = open_vectors(vectors, limit=limit)
    facts = {
        "words": len(loaded),
        "dim": loaded.dim,
        "dtype": str(loaded.stored.dtype),
        "first": list(loaded.words[:5]),
        "unknown": str(loaded.unknown),
        "counts": loaded.counts is not None,
        "context": loaded.context is not None,
        **loaded.info,
    }
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=1))
        return
    for name, value in facts.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        typer.echo(f"{name:<16}  {text}")
