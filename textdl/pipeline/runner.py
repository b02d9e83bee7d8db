"""Running a pipeline."""

from __future__ import annotations

import contextlib
import shutil
import time
import traceback
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textdl.pipeline import memory
from textdl.pipeline.display import Display, Logged, default_display, seconds_text
from textdl.pipeline.errors import PipelineError, StageFailedError
from textdl.pipeline.files import link, write_atomically
from textdl.pipeline.plan import Planner, Step
from textdl.pipeline.record import machine, read_record, stage_record, versions, write_record
from textdl.pipeline.source import source_digest
from textdl.pipeline.spec import Pipeline, check_names
from textdl.pipeline.store import Manifest, Store


@dataclass
class _StageRun:
    """The runner's side of a running stage."""

    name: str
    output: Path
    checkpoints: Path
    display: Display
    measured: dict[str, float] = field(default_factory=dict)

    def update(self, done: float, total: float, unit: str, **facts: float) -> None:
        self.display.update(self.name, done, total, unit, facts)

    def note(self, text: str) -> None:
        self.display.line(f"  {self.name}: {text}")

    def measure(self, **figures: float) -> None:
        self.measured.update(figures)


class Run(Mapping[str, Any]):
    """A finished run: its stages' results as items or attributes, loaded when asked for.

    Attributes:
        folder: where the links to the results and ``run.json`` are.
        stages: what ``run.json`` says of each stage.
    """

    def __init__(
        self, pipeline: Pipeline, store: Store, folder: Path, stages: dict[str, Any]
    ) -> None:
        self.folder = folder
        self.stages = stages
        self._nodes = {node.name: node for node in pipeline.nodes}
        self._store = store
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            if name not in self._nodes:
                raise KeyError(f"no stage {name!r}: there are {', '.join(self._nodes)}")
            result = self._nodes[name].stage.result
            self._loaded[name] = result.load(self._store.object(self.stages[name]["digest"]))
        return self._loaded[name]

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(error.args[0]) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def __repr__(self) -> str:
        return f"Run({self.folder}: {', '.join(self._nodes)})"


def plan_pipeline(
    pipeline: Pipeline, *, home: Path, runs: Path, force: Collection[str] = ()
) -> list[Step]:
    """What :func:`run_pipeline` would do, and why.

    Raises:
        PipelineError: the pipeline can't be run.
    """
    return _planner(pipeline, home, runs / pipeline.name, force).plan(pipeline)


def run_pipeline(
    pipeline: Pipeline,
    *,
    home: Path,
    runs: Path,
    force: Collection[str] = (),
    display: Display | None = None,
    packages: Collection[str] = (),
) -> Run:
    """Run the stages of a pipeline that are not cached.

    Each stage's result is linked as ``runs/<pipeline>/<stage>``.

    Args:
        packages: whose versions are recorded with each result.

    Raises:
        PipelineError: the pipeline can't be run, or a folder can't be written to.
        StageFailedError: what was finished before stays finished.
        OSError: a link or the record can't be written.
    """
    folder = runs / pipeline.name
    planner = _planner(pipeline, home, folder, force)
    store, previous = planner.store, planner.previous
    planner.plan(pipeline)  # finds what is wrong with the files that settings name
    results: dict[str, Manifest] = {}
    stages: dict[str, Any] = {}
    facts: dict[str, Any] = {
        "started_at": time.time(),
        "versions": versions(packages),
        "machine": machine(),
    }
    try:
        logged = Logged(display or default_display(), folder / "run.log")
    except OSError as error:
        raise PipelineError(
            f"{folder}: can't be written to ({error.strerror or error}). Choose another folder for "
            "the links to the results with --runs"
        ) from error
    with logged as display:
        for node in pipeline.nodes:
            step = planner.step(node, results)
            manifest, cached = _complete(step, planner, folder, results, display, packages)
            results[node.name] = manifest
            stages[node.name] = stage_record(step, manifest, cached)
            link(store.object(manifest["digest"]), folder / node.name)
            facts["seconds"] = time.time() - facts["started_at"]
            earlier = {
                name: {**entry, "of_an_earlier_run": True}
                for name, entry in previous.items()
                if name not in stages
            }
            write_record(folder, pipeline.name, {**stages, **earlier}, facts)
        store.digests.save()
    return Run(pipeline, store, folder, stages)


def _planner(pipeline: Pipeline, home: Path, folder: Path, force: Collection[str]) -> Planner:
    check_names(force, [node.name for node in pipeline.nodes], "--force")
    return Planner(Store(home), force, read_record(folder))


def _complete(
    step: Step,
    planner: Planner,
    folder: Path,
    results: Mapping[str, Manifest],
    display: Display,
    packages: Collection[str],
) -> tuple[Manifest, bool]:
    """The manifest of a step's result, computed unless it is cached."""
    name = step.node.name
    if step.warning:
        display.line(f"  {name}: warning: {step.warning}")
    if step.manifest:
        display.line(f"{name}: cached")
        return step.manifest, True
    assert step.key is not None
    store = planner.store
    with store.lock(step.key, lambda owner: display.line(f"{name}: waits for {owner}")):
        # Between the plan and the lock, another process may have finished.
        if (again := planner.step(step.node, results)).manifest:
            display.line(f"{name}: computed by another process")
            return again.manifest, True
        display.line(f"{name}: runs ({step.reason})")
        try:
            manifest = _execute(step, store, results, display, packages)
        except Exception as error:
            trace = folder / f"{name}.traceback.txt"
            write_atomically(trace, traceback.format_exc())
            raise StageFailedError(name, error, trace) from error
        finally:
            display.clear()
    size = sum(path.stat().st_size for path in store.object(manifest["digest"]).rglob("*"))
    display.line(f"{name}: done in {seconds_text(manifest['seconds'])}, {size / 1e6:,.1f} MB")
    return manifest, False


def _execute(
    step: Step,
    store: Store,
    results: Mapping[str, Manifest],
    display: Display,
    packages: Collection[str],
) -> Manifest:
    node, key, content = step.node, step.key, step.content
    assert key is not None
    assert content is not None
    source = source_digest(node.stage.sources)
    output = store.scratch(key)
    checkpoints = store.checkpoints(key, source)
    resumed = len(list(checkpoints.iterdir())) > 1  # One file says who wrote the others.
    run = _StageRun(node.name, output, checkpoints, display)
    memory.restart_peak()
    started, cpu = time.time(), time.process_time()
    try:
        result = _call(step, store, results, run)
        result.save(output)
        info = getattr(result, "info", None)
        facts = {
            "stage": node.stage.name,
            "version": node.stage.version,
            "settings": node.settings,
            "inputs": content["inputs"],
            "source": source,
            "versions": versions(packages),
            "info": info if isinstance(info, dict) else {},
            "computed_at": started,
            "seconds": time.time() - started,
            "resumed": resumed,
            "measured": run.measured,
            "cpu_seconds": time.process_time() - cpu,
            "peak_memory_bytes": memory.peak_bytes(),
        }
        return store.publish(key, output, facts)
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(output)


def _call(step: Step, store: Store, results: Mapping[str, Manifest], run: _StageRun) -> Any:
    node, stage = step.node, step.node.stage
    inputs: dict[str, Any] = {}
    for parameter in stage.inputs:
        source = node.inputs.get(parameter.name)
        if isinstance(source, str):
            inputs[parameter.name] = parameter.type.load(store.object(results[source]["digest"]))
        elif source:
            inputs[parameter.name] = {
                name: parameter.type.load(store.object(results[name]["digest"])) for name in source
            }
    # Validated once more, because the plan holds JSON and the function takes tuples and the like.
    settings = stage.settings.model_validate(node.settings, strict=False)
    values = {name: getattr(settings, name) for name in stage.settings.model_fields}
    given: dict[str, Any] = {"run": run} if stage.takes_run else {}
    if stage.takes_measured and step.content:
        given["measured"] = step.content["measured"]
    return stage.function(**inputs, **values, **given)
