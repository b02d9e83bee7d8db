"""``textdl info``"""

from __future__ import annotations

import json

import click

from textdl.cli import asking, options


@click.command
@asking.vectors
@asking.limit
@options.as_json
def info(vectors: str, limit: int | None, as_json: bool) -> None:
    """Say what vectors hold and where they come from."""
    loaded = asking.open_vectors(vectors, limit=limit)
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
        click.echo(json.dumps(facts, ensure_ascii=False, indent=1))
        return
    for name, value in facts.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        click.echo(f"{name:<16}  {text}")
