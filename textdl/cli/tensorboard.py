"""``textdl tensorboard``"""

from __future__ import annotations

from pathlib import Path

import click

from textdl.cli import options


@click.command
@click.argument("run", help="A run of `textdl runs`, or a pipeline's latest.")
@click.option(
    "-o",
    "--output",
    metavar="LOGDIR",
    type=options.PATH,
    required=True,
    help="Where the files go.",
)
@options.home
def tensorboard(run: str, output: Path, home: Path | None) -> None:
    """Write the trainings and word vectors of a run for TensorBoard."""
    from textdl import api
    from textdl.pipeline import Store
    from textdl.pipeline.record import find_record
    from textdl.report.results import Results
    from textdl.report.tensorboard import write_tensorboard

    store = Store(api.home_folder(home))
    for name in write_tensorboard(Results(find_record(store, run), store.object), output):
        click.echo(output / name)
