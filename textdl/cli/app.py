"""The verbs put together."""

from __future__ import annotations

from importlib import import_module

import typer

from textdl.cli.errors import explained

VERBS = {
    "run": "run", "plan": "plan", "why": "why", "status": "status", "runs": "runs",
    "diff": "diff", "lock": "lock", "predict": "predict", "test": "test", "errors": "mistakes",
    "neighbors": "neighbors", "synonyms": "synonyms", "analogy": "analogy",
    "odd-one-out": "odd_one_out", "similarity": "similarity", "evaluate": "evaluate",
    "explore": "explore", "info": "info", "convert": "convert", "push": "push",
    "report": "report", "tensorboard": "tensorboard",
}  # fmt: skip
"""The module of each verb, in the order of the help."""
GROUPS = ("cache", "pretrained")
"""Modules that are verbs with verbs of their own."""


def make_app(wanted: str | None = None) -> typer.Typer:
    """The command line; if ``wanted`` is one of the verbs, with no other, which is faster."""
    app = typer.Typer(
        name="textdl",
        help="Word embeddings and sentiment classifiers as stages of a cached, resumable pipeline.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback(invoke_without_command=True)(version)
    every = [*VERBS, *GROUPS]
    for verb in [wanted] if wanted in every else every:
        module = import_module(f"textdl.cli.{VERBS.get(verb, verb)}")
        if verb in GROUPS:
            app.add_typer(module.app, name=verb)
        else:
            app.command(verb)(explained(getattr(module, verb.replace("-", "_"))))
    return app


def version(
    show: bool = typer.Option(False, "--version", help="Print the version and exit."),
) -> None:
    if show:
        from textdl import __version__

        typer.echo(f"textdl {__version__}")
        raise typer.Exit
