"""``textdl push``"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def push(
    artifact: Annotated[
        Path, typer.Argument(metavar="ARTIFACT", help="A folder of vectors, or of a model.")
    ],
    repo: Annotated[str, typer.Argument(metavar="REPO", help="On the Hub, as user/name.")],
    private: Annotated[
        bool, typer.Option("--private", help="If the repository is made now.")
    ] = False,
) -> None:
    """Upload vectors or a model, with their card, to the Hugging Face Hub."""
    from textdl import hub

    typer.echo(hub.push(artifact, repo, private=private))
