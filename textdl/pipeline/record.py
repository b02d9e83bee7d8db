"""What a run leaves behind for people and programs: ``run.json``, in the folder of its links and,
under the name of the run, in the store."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from textdl.pipeline.errors import PipelineError, nearest
from textdl.pipeline.graph import Pipeline
from textdl.pipeline.plan import Step
from textdl.pipeline.store.files import replace, write_atomically
from textdl.pipeline.store.results import Manifest, Store

FORMAT = 2
_ENTRY = {"stage", "version", "settings", "inputs"}

Record = dict[str, Any]


def new_record(pipeline: Pipeline, packages: tuple[str, ...]) -> Record:
    """The record of a run that begins now. ``ended_at`` comes when it ends, however it does;
    ``failed`` gets what went wrong by stage."""
    now = time.time()
    when = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
    return {
        "format": FORMAT,
        "run": f"{pipeline.name}-{when}-{os.urandom(2).hex()}",
        "pipeline": pipeline.name,
        "file": str(pipeline.path.resolve()),
        "overrides": dict(pipeline.overrides),
        "resolved": pipeline.resolved(),
        "started_at": now,
        "ended_at": None,
        "outcome": "unfinished",
        "seconds": 0.0,
        "versions": versions(packages),
        "machine": machine(),
        "git": git_state(str(pipeline.path.resolve().parent)),
        "failed": {},
        "stages": {},
    }


def write_record(record: Record, folder: Path, store: Store) -> None:
    """Write it to its two places; a store that can't be written to goes without. Until the run has
    ended, it is on one line, which is four times as fast, and nobody waits for the disk."""
    text = json.dumps(record, ensure_ascii=False, indent=1 if record["ended_at"] else None)
    with contextlib.suppress(OSError):
        (store.home / "runs").mkdir(exist_ok=True)
        replace(store.home / "runs" / f"{record['run']}.json", text)
    write = write_atomically if record["ended_at"] else replace
    write(folder / "run.json", text)


def read_record(path: Path) -> Record | None:
    """A record; None if there is none that can be read."""
    try:
        record: Record = json.loads(path.read_text("utf-8"))
        for entry in record["stages"].values():
            if not entry["content"].keys() >= _ENTRY:
                return None
        return record
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def records(store: Store) -> Iterator[Record]:
    """All runs that the store knows, the latest first."""
    found = filter(None, map(read_record, (store.home / "runs").glob("*.json")))
    yield from sorted(found, key=lambda record: record["started_at"], reverse=True)


def find_record(store: Store, name: str) -> Record:
    """The run of a name, or the latest one of a pipeline.

    Raises:
        PipelineError: there is none.
    """
    known = list(records(store))
    for record in known:
        if name in (record["run"], record["pipeline"]):
            return record
    names = [n for record in known for n in (record["run"], record["pipeline"])]
    raise PipelineError(
        f"no run {name!r}{nearest(name, dict.fromkeys(names)) or ': there are none'}"
    )


def stage_record(step: Step, manifest: Manifest, *, cached: bool) -> Record:
    """What a record says of a stage. CPU seconds and memory are those of the process that ran it,
    without its worker processes."""
    return {
        "uses": step.node.uses,
        "cached": cached,
        "reason": step.reason,
        "key": manifest["key"],
        "digest": manifest["digest"],
        "settings": step.node.settings,
        "inputs": step.node.inputs,
        "content": step.content,
        "info": manifest["info"],
        "seconds": manifest["seconds"],
        "resumed": manifest["resumed"],
        "measured": manifest["measured"],
        "cpu_seconds": manifest["cpu_seconds"],
        "peak_memory_bytes": manifest["peak_memory_bytes"],
        "computed_at": manifest["computed_at"],
        "versions": manifest["versions"],
        "of_an_earlier_run": False,
    }


def differences(one: Record, other: Record) -> list[tuple[str, str, Any, Any]]:
    """Where two runs differ: stage, what (``settings.lr``, ``info.accuracy``, ``digest``, …), and
    the two values; None where there is none."""
    found = []
    for stage in dict.fromkeys([*one["stages"], *other["stages"]]):
        before, after = (_facts(record["stages"].get(stage)) for record in (one, other))
        found += [
            (stage, what, before.get(what), after.get(what))
            for what in dict.fromkeys([*before, *after])
            if before.get(what) != after.get(what)
        ]
    return found


def _facts(entry: Record | None) -> dict[str, Any]:
    if entry is None:
        return {}
    facts = {"uses": entry["uses"], "digest": entry["digest"][:12]}
    for group in ("settings", "inputs", "info"):
        facts |= {f"{group}.{name}": value for name, value in entry[group].items()}
    return facts


@cache
def versions(packages: tuple[str, ...]) -> dict[str, str]:
    """The versions of Python and of those packages that are installed.

    The name of a distribution's folder has its version (PyPA, "Recording installed projects").
    Asking importlib instead, which reads what is in the folder, took an eighth of a cached run.
    """
    found = {"python": platform.python_version()}
    installed = {}
    for folder in reversed(sys.path):
        with contextlib.suppress(OSError):  # not everybody may read every folder
            for path in Path(folder).glob("*.dist-info"):
                name, _, version = path.stem.partition("-")
                installed[name.lower()] = version
    for package in packages:
        name = package.lower().replace("-", "_")
        if name in installed:
            found[package] = installed[name]
    return found


def machine() -> dict[str, Any]:
    """The machine's platform and number of cores."""
    return {"platform": platform.platform(), "cores": os.cpu_count(), "executable": sys.executable}


def git_state(folder: str) -> dict[str, Any] | None:
    """The commit that a folder is at, and whether its files are others; None without git
    or a commit."""
    command = ["git", "-C", folder, "status", "--porcelain=v2", "--branch", "-uno"]
    try:
        told = subprocess.run(command, capture_output=True, check=True, text=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return None
    head, *lines = told.stdout.splitlines()
    commit = head.removeprefix("# branch.oid ")
    if commit == "(initial)":
        return None
    return {"commit": commit, "dirty": any(not line.startswith("#") for line in lines)}
