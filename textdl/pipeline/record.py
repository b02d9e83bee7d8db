"""What a run leaves behind for people and programs: ``run.json``."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from textdl.pipeline.files import write_atomically
from textdl.pipeline.plan import Step

FORMAT = 1


def read_record(folder: Path) -> dict[str, Any]:
    """The stages recorded in a folder, by name; empty if there is no record that can be read."""
    try:
        stages = json.loads((folder / "run.json").read_text("utf-8"))["stages"]
        return {
            name: entry
            for name, entry in stages.items()
            if {"stage", "version", "settings", "inputs"} <= entry["content"].keys()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def write_record(
    folder: Path, pipeline: str, stages: dict[str, Any], facts: dict[str, Any]
) -> None:
    """Write ``run.json``."""
    record = {"format": FORMAT, "pipeline": pipeline, **facts, "stages": stages}
    write_atomically(folder / "run.json", json.dumps(record, ensure_ascii=False, indent=1))


def stage_record(step: Step, manifest: dict[str, Any], cached: bool) -> dict[str, Any]:
    """What ``run.json`` says of a stage. CPU seconds and memory are those of the process that ran
    it, without its worker processes."""
    return {
        "uses": step.node.stage.name,
        "cached": cached,
        "key": manifest["key"],
        "digest": manifest["digest"],
        "settings": step.node.settings,
        "inputs": step.node.inputs,
        "content": step.content,
        "info": manifest["info"],
        "seconds": manifest["seconds"],
        "resumed": manifest.get("resumed", False),
        "measured": manifest.get("measured", {}),
        "cpu_seconds": manifest["cpu_seconds"],
        "peak_memory_bytes": manifest["peak_memory_bytes"],
        "computed_at": manifest["computed_at"],
        "versions": manifest["versions"],
        "of_an_earlier_run": False,
    }


def versions(packages: Iterable[str]) -> dict[str, str]:
    """The versions of Python and of those packages that are installed."""
    found = {"python": platform.python_version()}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, Any]:
    """The machine's platform and number of cores."""
    return {"platform": platform.platform(), "cores": os.cpu_count(), "executable": sys.executable}
