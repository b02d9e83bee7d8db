"""Arguments and options that several verbs share."""

from __future__ import annotations

from pathlib import Path

import click

PATH = click.Path(readable=False, path_type=Path)  # the verbs say what is wrong with one
POSITIVE = click.IntRange(min=1)

pipeline = click.argument("pipeline", type=PATH, help="A pipeline's TOML file.")
model = click.argument("model", type=PATH, help="A classifier, such as runs/imdb/textcnn.")
settings = click.option(
    "--set",
    "settings",
    metavar="STAGE.KEY=VALUE",
    multiple=True,
    help="Another value for a setting.",
)
until = click.option(
    "--until", metavar="STAGE", help="Only this stage, or all its cells, and what it needs."
)
force = click.option(
    "--force", metavar="STAGE", multiple=True, help="Run this stage though it is cached."
)
home = click.option(
    "--home",
    metavar="DIR",
    type=PATH,
    help="Where results are stored (default $TEXTDL_HOME or ~/.cache/textdl).",
)
remote = click.option(
    "--remote",
    metavar="ADDRESS",
    help="Another place for results: a folder, s3://…, … (default $TEXTDL_REMOTE).",
)
runs = click.option(
    "--runs",
    metavar="DIR",
    type=PATH,
    default="runs",
    help="Where the links to the results go.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
