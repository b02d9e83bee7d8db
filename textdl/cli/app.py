"""The verbs put together."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from textdl import __version__
from textdl.cli.errors import explained
from textdl.cli.groups import InOrder

MODULES = {
    "run": "run", "plan": "plan", "why": "why", "status": "status", "runs": "runs",
    "diff": "diff", "lock": "lock", "predict": "predict", "test": "test", "errors": "mistakes",
    "neighbors": "neighbors", "synonyms": "synonyms", "analogy": "analogy",
    "odd-one-out": "odd_one_out", "similarity": "similarity", "evaluate": "evaluate",
    "explore": "explore", "info": "info", "convert": "convert", "push": "push",
    "report": "report", "tensorboard": "tensorboard", "cache": "cache",
    "pretrained": "pretrained",
}  # fmt: skip
"""The module of each verb, in the order of the help."""


class Imported(InOrder):
    """Commands that are no more than names until one is asked for."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in MODULES:
            module = import_module(f"textdl.cli.{MODULES[cmd_name]}")
            self.commands[cmd_name] = getattr(module, cmd_name.replace("-", "_"))
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        with explained():
            return super().invoke(ctx)


@click.group(
    cls=Imported,
    commands=[click.Command(verb) for verb in MODULES],
    context_settings={"show_default": True},
)
@click.version_option(
    __version__, message="%(prog)s %(version)s", help="Print the version and exit."
)
def textdl() -> None:
    """Word embeddings and sentiment classifiers as stages of a cached, resumable pipeline."""
