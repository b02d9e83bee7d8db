"""``textdl why``"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from textdl.cli.asking import print_json
from textdl.cli.options import Home, Json, Runs, Set


def why(
    stage: Annotated[str, typer.Argument(metavar="STAGE", help="A stage of the pipeline.")],
    pipeline: Annotated[
        Path | None,
        typer.Argument(metavar="[PIPELINE]", help="Its file (default that of the latest run)."),
    ] = None,
    set_: Set = None,
    home: Home = None,
    runs: Runs = Path("runs"),
    as_json: Json = False,
) -> None:
    """Say why a stage would run or is cached, and what its result depends on."""
    from textdl import api
    from textdl.pipeline import PipelineError, Store, parse_overrides
    from textdl.pipeline.record import records

    store, overrides = Store(api.home_folder(home)), {}
    if pipeline is None:
        latest = next(iter(records(store)), None)
        if latest is None:
            raise PipelineError("nothing was run yet: name the pipeline file after the stage")
        pipeline, overrides = Path(latest["file"]), latest["overrides"]
    overrides = {**overrides, **parse_overrides(set_ or [])}
    names = api.read(pipeline, set=overrides).named([stage], "textdl why")
    steps = api.plan(pipeline, set=overrides, until=stage, home=home, runs=runs)
    wanted = [step for step in steps if step.node.name in names]
    if as_json:
        print_json([{**step.as_json(), "result": step.manifest} for step in wanted])
        return
    for step in wanted:
        typer.echo(f"{step.node.name} ({step.node.uses}) of {pipeline}")
        if step.manifest:
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(step.manifest["computed_at"]))
            state = "is cached" if step.state == "cached" else "will be fetched"
            typer.echo(f"  {state}: computed {when}, digest {step.manifest['digest'][:12]}")
        else:
            typer.echo(f"  {'will run' if step.state == 'run' else 'may run'}: {step.reason}")
        if step.warning:
            typer.echo(f"  warning: {step.warning}")
        for name, value in (step.content or {}).items():
            if isinstance(value, dict):
                typer.echo(f"  {name}")
                for key, inner in value.items():
                    typer.echo(f"    {key}: {_short(inner)}")
            else:
                typer.echo(f"  {name}: {_short(value)}")


def _short(value: object) -> str:
    """Digests are told by their first letters."""
    if isinstance(value, str):
        return value[:12] if len(value) == 64 else value
    if isinstance(value, dict):
        return ", ".join(f"{name} {_short(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(map(_short, value))
    return str(value)
