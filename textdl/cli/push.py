"""``textdl push``"""

from __future__ import annotations

from pathlib import Path

import click

from textdl.cli import options


@click.command
@click.argument("artifact", type=options.PATH, help="A folder of vectors, or of a model.")
@click.argument("repo", help="On the Hub, as user/name.")
@click.option("--private", is_flag=True, help="If the repository is made now.")
def push(artifact: Path, repo: str, private: bool) -> None:
    """Upload vectors or a model, with their card, to the Hugging Face Hub."""
    from textdl import hub

    click.echo(hub.push(artifact, repo, private=private))
