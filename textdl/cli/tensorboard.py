"""``textdl tensorboard``"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from textdl.cli.options import Home


def tensorboard(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="A run of `textdl runs`, or a pipeline's latest.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="LOGDIR", help="Where the files go.")
    ],
    home: Home = None,
) -> None:
    """Write the trainings and word vectors of a run for TensorBoard."""
    from textdl import api
    from textdl.pipeline import Store
    from textdl.pipeline.record import find_record
    from textdl.report.results import Results
    from textdl.report.tensorboard import write_tensorboard

    store = Store(api.home_folder(home))
    for name in write_tensorboard(Results(find_record(store, run), store.object), output):
        typer.echo(output / name)
