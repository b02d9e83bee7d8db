"""Running a pipeline."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textdl.pipeline.artifacts import load_artifact
from textdl.pipeline.errors import PipelineError, ResultDiffersError, StageFailedError
from textdl.pipeline.events import Display, Log
from textdl.pipeline.executors import Executor, make_executor
from textdl.pipeline.executors.execution import Workplace
from textdl.pipeline.graph import Node, Pipeline
from textdl.pipeline.plan import Planner, Step
from textdl.pipeline.record import Record, new_record, read_record, stage_record, write_record
from textdl.pipeline.stopping import Stop, stoppable
from textdl.pipeline.store.files import link, remove_dead_drafts
from textdl.pipeline.store.locks import Owner, Sign, held
from textdl.pipeline.store.remote import open_remote
from textdl.pipeline.store.results import Manifest, Store


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
            kind = self._nodes[name].stage.result
            folder = self._store.object(self.stages[name]["digest"])
            self._loaded[name] = load_artifact(kind, folder)
        return self._loaded[name]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # no stage, and there may be no stages yet
            raise AttributeError(name)
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


def make_planner(
    pipeline: Pipeline,
    *,
    home: Path,
    runs: Path,
    force: Collection[str] = (),
    remote: str | None = None,
) -> Planner:
    """Who decides what :func:`run_pipeline` with the same arguments does."""
    return Planner(
        Store(home),
        open_remote(remote) if remote else None,
        pipeline.named(force, "--force"),
        (read_record(runs / pipeline.name / "run.json") or {}).get("stages", {}),
    )


def run_pipeline(
    pipeline: Pipeline,
    *,
    home: Path,
    runs: Path,
    force: Collection[str] = (),
    remote: str | None = None,
    jobs: int = 1,
    keep_going: bool = False,
    locked: Mapping[str, str] | None = None,
    display: Display | None = None,
    packages: Collection[str] = (),
) -> Run:
    """Run the stages of a pipeline that are not cached.

    Each stage's result is linked as ``runs/<pipeline>/<stage>``.

    Args:
        force: stages, or tables of cells, to run although they are cached.
        remote: the address of a place where results may be, and where new ones are copied to.
        jobs: how many stages run at the same time; more than one, in processes of their own.
        keep_going: go on with what does not depend on a stage that failed.
        locked: the digest that each stage's result must have.
        packages: whose versions are recorded with each result.

    Raises:
        PipelineError: the pipeline can't be run, or a folder can't be written to.
        StageFailedError: what was finished before stays finished.
        ResultDiffersError: a result has another digest than ``locked`` says.
        Stopped: the process was asked to stop, and did.
        OSError: a link or the record can't be written.
    """
    folder = runs / pipeline.name
    planner = make_planner(pipeline, home=home, runs=runs, force=force, remote=remote)
    store = planner.store
    try:
        log = Log(folder, display)
    except OSError as error:
        raise PipelineError(
            f"{folder}: can't be written to ({error.strerror or error}). Choose another folder for "
            "the links to the results with --runs"
        ) from error
    record = new_record(pipeline, tuple(packages))
    with log, stoppable() as stop, _registered(store, record["run"], folder, log, stop):
        # A plan finds what is wrong with the files that settings name, too.
        cached = {s.node.name: s for s in planner.plan(pipeline) if s.state == "cached"}
        if planner.away:
            log.tell("says", text=f"warning: {planner.away}")
        place = Workplace(store, planner.remote, folder, tuple(packages), log.tell, stop)
        with make_executor(jobs, place, pipeline, log.hear) as executor:
            work = _Work(pipeline, planner, executor, place, record, locked, keep_going, cached)
            try:
                work.do()
                if keep_going and work.failures:
                    log.tell("says", text=work.summary())
                record["outcome"] = "failed" if work.failures else "finished"
            except BaseException as error:
                record["outcome"] = "stopped" if isinstance(error, KeyboardInterrupt) else "failed"
                raise
            finally:
                record["ended_at"] = time.time()
                with contextlib.suppress(OSError):
                    work.record_now()
                store.digests.save()
    if work.failures:
        raise work.failures[0]
    return Run(pipeline, store, folder, record["stages"])


@dataclass
class _Work:
    """What is done of a run, and what is left."""

    pipeline: Pipeline
    planner: Planner
    executor: Executor
    place: Workplace
    record: Record
    locked: Mapping[str, str] | None
    keep_going: bool
    cached: dict[str, Step]
    """What the plan found, as long as nothing has run since."""
    results: dict[str, Manifest] = field(default_factory=dict)
    running: dict[str, Step] = field(default_factory=dict)
    failures: list[StageFailedError] = field(default_factory=list)
    lost: dict[str, str] = field(default_factory=dict)
    """The stages that failed or can't run, with the one whose failure is the cause."""

    def do(self) -> None:
        waiting = list(self.pipeline.nodes)
        while waiting or self.running:
            if not self.running:
                self.place.stop.check()
            waiting = [node for node in waiting if not self.begin(node)]
            if self.running:
                name, outcome = self.executor.wait()
                step = self.running.pop(name)
                if isinstance(outcome, StageFailedError):
                    self.failures.append(outcome)
                    self.lost[name] = name
                    self.record["failed"][name] = outcome.text
                    self.place.tell("failed", stage=name, error=outcome.text)
                else:
                    self.finish(step, outcome, cached=False)

    def begin(self, node: Node) -> bool:
        """Do with a stage what can be done now; whether it need not be looked at again."""
        if causes := [self.lost[source] for source in node.sources if source in self.lost]:
            self.lost[node.name] = causes[0]
            self.place.tell("skipped", stage=node.name, cause=causes[0])
            return True
        if self.failures and not self.keep_going:
            return True
        if any(source not in self.results for source in node.sources):
            return False
        if len(self.running) >= self.executor.slots or self.place.stop.signal is not None:
            return False
        step = self.cached.get(node.name) or self.planner.step(node, self.results)
        if step.warning:
            self.place.tell("note", stage=node.name, text=f"warning: {step.warning}")
        if step.state == "cached" and step.manifest:
            self.place.tell("cached", stage=node.name)
            self.place.store.used(step.manifest["key"])
            self.finish(step, step.manifest, cached=True)
        else:
            self.cached.clear()
            self.running[node.name] = step
            self.executor.start(step, self.results)
        return True

    def finish(self, step: Step, manifest: Manifest, *, cached: bool) -> None:
        name = step.node.name
        self.results[name] = manifest
        self.record["stages"][name] = stage_record(step, manifest, cached=cached)
        link(self.place.store.object(manifest["digest"]), self.place.folder / name)
        if not cached:
            self.record_now()
        if self.locked is not None and self.locked.get(name) != manifest["digest"]:
            expected = self.locked.get(name)
            is_not = f"not {expected[:12]}…" if expected else "which the lock file does not name"
            raise ResultDiffersError(
                f"the result of {name} is {manifest['digest'][:12]}…, {is_not}. It is kept; if it "
                "is right, write the lock file anew with textdl lock"
            )

    def summary(self) -> str:
        """What failed, and what did not run for that."""
        failed = [failure.stage for failure in self.failures]
        skipped = [name for name in self.lost if name not in failed]
        text = f"{len(failed)} of {len(self.pipeline.nodes)} stages failed: {', '.join(failed)}"
        return text + (f"; not run for that: {', '.join(skipped)}" if skipped else "")

    def record_now(self) -> None:
        done = self.record["stages"]
        self.record["seconds"] = time.time() - self.record["started_at"]
        earlier = {
            name: {**entry, "of_an_earlier_run": True}
            for name, entry in self.planner.previous.items()
            if name not in done and name in self.pipeline.names
        }
        whole = {**self.record, "stages": {**done, **earlier}}
        write_record(whole, self.place.folder, self.place.store)


@contextlib.contextmanager
def _registered(store: Store, run: str, folder: Path, log: Log, stop: Stop) -> Iterator[None]:
    """Have the store know of a run in progress; nothing is removed from it meanwhile."""
    remove_dead_drafts(folder)
    try:
        (store.home / "running").mkdir(parents=True, exist_ok=True)

        def waits(owner: Owner | None) -> None:
            log.tell("says", text="waits until textdl cache gc is done")

        with held(store.home / "gc", waits, stop.check):
            store.clean()
            sign = Sign(store.home / "running" / f"{run}.json", folder=str(folder.resolve()))
    except OSError:  # a store that can only be read may have all that is needed
        yield
        return
    try:
        yield
    finally:
        sign.close()
