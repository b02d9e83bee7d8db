"""``textdl plan``"""

from __future__ import annotations

import json
from pathlib import Path

import typer

from textdl.cli.options import Force, Home, Json, PipelineFile, Runs, Set, Until


def plan(
    pipeline: PipelineFile,
    set_: Set = None,
    until: Until = None,
    force: Force = None,
    home: Home = None,
    runs: Runs = Path("runs"),
    as_json: Json = False,
) -> None:
    """Say which stages would run, and why."""
    from textdl import api
    from textdl.pipeline import parse_overrides

    steps = api.plan(
        pipeline,
        set=parse_overrides(set_ or []),
        until=until,
        force=force or [],
        home=home,
        runs=runs,
    )
    if as_json:
        typer.echo(json.dumps([step.as_json() for step in steps], ensure_ascii=False, indent=1))
        return
    width = max(len(step.node.name) for step in steps)
    for step in steps:
        state = {"cached": "cached", "run": "will run", "depends": "may run"}[step.state]
        typer.echo(f"{step.node.name:<{width}}  {state:<8}  {step.reason}".rstrip())
        if step.warning:
            typer.echo(f"{'':<{width}}  warning: {step.warning}")
