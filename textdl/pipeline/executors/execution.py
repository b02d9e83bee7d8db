"""One step of a plan: from the manifests of a stage's inputs to the manifest of its result."""

from __future__ import annotations

import contextlib
import shutil
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textdl.pipeline.artifacts import load_artifact, save_artifact
from textdl.pipeline.errors import PipelineError, StageFailedError
from textdl.pipeline.executors import memory
from textdl.pipeline.plan import Step
from textdl.pipeline.record import versions
from textdl.pipeline.stopping import Stop
from textdl.pipeline.store.files import FULL, walk, write_atomically
from textdl.pipeline.store.locks import Sign, describe
from textdl.pipeline.store.remote import Remote
from textdl.pipeline.store.results import Manifest, Store

Outcome = Manifest | StageFailedError
"""What comes of a step."""


@dataclass
class Workplace:
    """Where and how steps are done.

    Attributes:
        folder: for tracebacks.
        packages: whose versions are recorded with each result.
        tell: hears of events.
        stop: knows whether the run was asked to stop.
    """

    store: Store
    remote: Remote | None
    folder: Path
    packages: tuple[str, ...]
    tell: Callable[..., None]
    stop: Stop


@dataclass
class _StageRun:
    """The runner's side of a running stage."""

    name: str
    output: Path
    checkpoints: Path
    place: Workplace
    sign: Sign
    measured: dict[str, float] = field(default_factory=dict)

    def update(self, done: float, total: float, unit: str, **facts: float) -> None:
        facts = {name: float(value) for name, value in facts.items()}
        progress = {"done": float(done), "total": float(total), "unit": unit, "facts": facts}
        self.sign.update(progress=progress)
        self.place.tell("progress", stage=self.name, **progress)
        self.place.stop.check()

    def note(self, text: str) -> None:
        self.place.tell("note", stage=self.name, text=text)

    def measure(self, **figures: float) -> None:
        self.measured |= {name: float(value) for name, value in figures.items()}


def complete(step: Step, results: Mapping[str, Manifest], place: Workplace) -> Manifest:
    """The manifest of a step's result, which is computed, fetched, or waited for.

    Raises:
        StageFailedError: the stage failed.
        Stopped: the run was asked to stop.
    """
    name, store = step.node.name, place.store
    store.make_writable()
    try:
        manifest, source = _obtain(step, results, place)
    except Exception as error:
        raise _failure(step, error, place) from error
    if source:
        place.tell("took", stage=name, source=source)
        return manifest
    size = sum(path.stat().st_size for _, path in walk(store.object(manifest["digest"])))
    place.tell("done", stage=name, seconds=manifest["seconds"], bytes=size)
    if place.remote:
        try:
            place.remote.push(store, manifest)
        except PipelineError as error:
            place.tell("note", stage=name, text=f"warning: {error}")
    return manifest


def _obtain(
    step: Step, results: Mapping[str, Manifest], place: Workplace
) -> tuple[Manifest, str | None]:
    """The manifest, and from where it was taken; None: it was computed."""
    name, key, store = step.node.name, step.key, place.store
    assert key is not None
    unwanted = store.find(key) if step.reason == "forced" else None
    with store.lock(key, _telling(name, place), place.stop.check) as sign:
        sign.update(stage=name)
        # Between the plan and the lock, another process may have finished.
        again = store.find(key)
        if again and again != unwanted and not store.damage(again):
            return again, "the process that computed it"
        if step.state == "remote" and place.remote and step.manifest:
            try:
                return place.remote.pull(store, step.manifest), place.remote.name
            except PipelineError as error:
                place.tell("note", stage=name, text=f"warning: {error}. It is computed instead")
        place.tell("runs", stage=name, reason=step.reason or "its remote result can't be had")
        return _execute(step, results, place, sign), None


def _telling(name: str, place: Workplace) -> Callable[[Any], None]:
    return lambda owner: place.tell("waits", stage=name, owner=describe(owner))


def _execute(step: Step, results: Mapping[str, Manifest], place: Workplace, sign: Sign) -> Manifest:
    node, key, content, store = step.node, step.key, step.content, place.store
    assert key is not None
    assert content is not None
    source = node.stage.source_digest(store.digests)
    output = store.scratch(key)
    try:
        checkpoints = store.checkpoints(key, source)
        resumed = len(list(checkpoints.iterdir())) > 1  # One file says who wrote the others.
        run = _StageRun(node.name, output, checkpoints, place, sign)
        memory.restart_peak()
        at, started, cpu = time.time(), time.monotonic(), time.process_time()
        result = _call(step, results, run)
        save_artifact(result, node.stage.result, output)
        info = getattr(result, "info", None)
        facts = {
            "stage": node.stage.name,
            "version": node.stage.version,
            "settings": node.settings,
            "inputs": content["inputs"],
            "source": source,
            "versions": versions(place.packages),
            "info": info if isinstance(info, dict) else {},
            "computed_at": at,
            "seconds": time.monotonic() - started,
            "resumed": resumed,
            "measured": run.measured,
            "cpu_seconds": time.process_time() - cpu,
            "peak_memory_bytes": memory.peak_bytes(),
        }
        return store.publish(key, output, facts)
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(output)


def _call(step: Step, results: Mapping[str, Manifest], run: _StageRun) -> Any:
    node, stage, store = step.node, step.node.stage, run.place.store

    def load(kind: type, source: str) -> Any:
        return load_artifact(kind, store.object(results[source]["digest"]))

    inputs: dict[str, Any] = {}
    for parameter in stage.inputs:
        wire = node.inputs.get(parameter.name)
        if isinstance(wire, str):
            inputs[parameter.name] = load(parameter.type, wire)
        elif wire:
            inputs[parameter.name] = {source: load(parameter.type, source) for source in wire}
    given: dict[str, Any] = {"run": run} if stage.takes_run else {}
    if stage.takes_measured and step.content:
        given["measured"] = step.content["measured"]
    return stage.function(**inputs, **stage.settings.load(node.settings), **given)


def _failure(step: Step, error: Exception, place: Workplace) -> StageFailedError:
    name, trace = step.node.name, place.folder / f"{step.node.name}.traceback.txt"
    with contextlib.suppress(OSError):
        write_atomically(trace, "".join(traceback.format_exception(error)))
    if isinstance(error, OSError) and error.errno in FULL:
        free = shutil.disk_usage(place.store.home).free / 1e6
        text = (
            f"no space left: {free:,.0f} MB are free for {place.store.home}. Make room, for "
            "example with textdl cache gc, and run again: it goes on from there"
        )
    elif isinstance(error, OSError) and error.filename:
        text = f"{error.filename}: {error.strerror}"
    else:
        text = str(error)
    kinds = tuple(kind.__name__ for kind in type(error).__mro__)
    return StageFailedError(name, text, kinds, trace, own=step.node.stage.source is not None)
