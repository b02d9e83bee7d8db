"""``textdl plan``"""

from __future__ import annotations

from pathlib import Path

import click

from textdl.cli import options
from textdl.cli.asking import print_json


@click.command
@options.pipeline
@options.settings
@options.until
@options.force
@options.remote
@options.home
@options.runs
@click.option("--resolved", is_flag=True, help="Print the pipeline with all settings written out.")
@options.as_json
def plan(
    pipeline: Path,
    settings: tuple[str, ...],
    until: str | None,
    force: tuple[str, ...],
    remote: str | None,
    home: Path | None,
    runs: Path,
    resolved: bool,
    as_json: bool,
) -> None:
    """Say which stages would run, why, and how long they may take."""
    import tomli_w

    from textdl import api
    from textdl.pipeline import Store, parse_overrides
    from textdl.pipeline.events import seconds_text
    from textdl.pipeline.plan import estimate

    overrides = parse_overrides(settings)
    if resolved:
        tables = api.read(pipeline, set=overrides, until=until).resolved()
        print_json(tables) if as_json else click.echo(tomli_w.dumps(tables), nl=False)
        return
    steps = api.plan(
        pipeline,
        set=overrides,
        until=until,
        force=force,
        remote=remote,
        home=home,
        runs=runs,
    )
    manifests = list(Store(api.home_folder(home)).manifests())
    seconds = {
        step.node.name: estimate(step, manifests)
        for step in steps
        if step.state in ("run", "depends")
    }
    if as_json:
        print_json([{**s.as_json(), "estimate": seconds.get(s.node.name)} for s in steps])
        return
    width = max(len(step.node.name) for step in steps)
    shown = {"cached": "cached", "remote": "fetched", "run": "will run", "depends": "may run"}
    for step in steps:
        took = seconds.get(step.node.name)
        about = f"  (about {seconds_text(took)})" if took is not None else ""
        line = f"{step.node.name:<{width}}  {shown[step.state]:<8}  {step.reason}{about}"
        click.echo(line.rstrip())
        if step.warning:
            click.echo(f"{'':<{width}}  warning: {step.warning}")
    if known := [took for took in seconds.values() if took is not None]:
        unknown = len(seconds) - len(known)
        more = f", and {unknown} stages that never ran" if unknown else ""
        click.echo(f"about {seconds_text(sum(known))} in all{more}")
