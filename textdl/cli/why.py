"""``textdl why``"""

from __future__ import annotations

import time
from pathlib import Path

import click

from textdl.cli import options
from textdl.cli.asking import print_json


@click.command
@click.argument("stage", help="A stage of the pipeline.")
@click.argument(
    "pipeline",
    type=options.PATH,
    required=False,
    help="Its file (default that of the latest run).",
)
@options.settings
@options.home
@options.runs
@options.as_json
def why(
    stage: str,
    pipeline: Path | None,
    settings: tuple[str, ...],
    home: Path | None,
    runs: Path,
    as_json: bool,
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
    overrides = {**overrides, **parse_overrides(settings)}
    names = api.read(pipeline, set=overrides).named([stage], "textdl why")
    steps = api.plan(pipeline, set=overrides, until=stage, home=home, runs=runs)
    wanted = [step for step in steps if step.node.name in names]
    if as_json:
        print_json([{**step.as_json(), "result": step.manifest} for step in wanted])
        return
    for step in wanted:
        click.echo(f"{step.node.name} ({step.node.uses}) of {pipeline}")
        if step.manifest:
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(step.manifest["computed_at"]))
            state = "is cached" if step.state == "cached" else "will be fetched"
            click.echo(f"  {state}: computed {when}, digest {step.manifest['digest'][:12]}")
        else:
            click.echo(f"  {'will run' if step.state == 'run' else 'may run'}: {step.reason}")
        if step.warning:
            click.echo(f"  warning: {step.warning}")
        for name, value in (step.content or {}).items():
            if isinstance(value, dict):
                click.echo(f"  {name}")
                for key, inner in value.items():
                    click.echo(f"    {key}: {_short(inner)}")
            else:
                click.echo(f"  {name}: {_short(value)}")


def _short(value: object) -> str:
    """Digests are told by their first letters."""
    if isinstance(value, str):
        return value[:12] if len(value) == 64 else value
    if isinstance(value, dict):
        return ", ".join(f"{name} {_short(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(map(_short, value))
    return str(value)
