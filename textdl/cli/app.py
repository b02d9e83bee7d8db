"""The verbs put together."""

from __future__ import annotations

import typer

from textdl.cli import (
    analogy,
    convert,
    evaluate,
    explore,
    info,
    mistakes,
    neighbors,
    odd_one_out,
    plan,
    predict,
    pretrained,
    push,
    run,
    similarity,
    synonyms,
    test,
)
from textdl.cli.errors import explained

app = typer.Typer(
    name="textdl",
    help="Word embeddings and sentiment classifiers as stages of a cached, resumable pipeline.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for verb in (
    run.run,
    plan.plan,
    predict.predict,
    test.test,
    mistakes.errors,
    neighbors.neighbors,
    synonyms.synonyms,
    analogy.analogy,
    odd_one_out.odd_one_out,
    similarity.similarity,
    evaluate.evaluate,
    explore.explore,
    info.info,
    convert.convert,
    push.push,
):
    app.command()(explained(verb))
app.add_typer(pretrained.app, name="pretrained")


@app.callback(invoke_without_command=True)
def version(
    show: bool = typer.Option(False, "--version", help="Print the version and exit."),
) -> None:
    if show:
        from textdl import __version__

        typer.echo(f"textdl {__version__}")
        raise typer.Exit
