"""The verbs put together."""

from __future__ import annotations

import typer

from textdl.cli import neighbors, plan, predict, run
from textdl.cli.errors import explained

app = typer.Typer(
    name="textdl",
    help="Word embeddings and sentiment classifiers as stages of a cached, resumable pipeline.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for verb in (run.run, plan.plan, neighbors.neighbors, predict.predict):
    app.command()(explained(verb))


@app.callback(invoke_without_command=True)
def version(
    show: bool = typer.Option(False, "--version", help="Print the version and exit."),
) -> None:
    if show:
        from textdl import __version__

        typer.echo(f"textdl {__version__}")
        raise typer.Exit
