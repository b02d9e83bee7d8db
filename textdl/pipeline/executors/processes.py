"""Stages in processes of their own, several at a time.

A process gets its step as a line of JSON and answers with lines of JSON: events, and at the end the
outcome. Nothing is pickled, and nothing of the parent is imported but what the stage needs, so that
a script or a notebook can ask for several jobs without further ado.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from textdl.pipeline.errors import PipelineError, StageFailedError
from textdl.pipeline.events import Event
from textdl.pipeline.executors.execution import Outcome, Workplace
from textdl.pipeline.graph import Pipeline
from textdl.pipeline.plan import Step
from textdl.pipeline.stopping import Stopped
from textdl.pipeline.store.results import Manifest

TO_CHECKPOINT = 10.0
"""Seconds that stages have for a checkpoint when the run can't go on."""

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class Processes:
    """An executor with a process for each running step, among which it divides the cores."""

    def __init__(
        self, slots: int, place: Workplace, pipeline: Pipeline, hear: Callable[[Event], None]
    ) -> None:
        self.slots = slots
        self._place, self._pipeline, self._hear = place, pipeline, hear
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._parts: dict[str, bytes] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._selector = selectors.DefaultSelector()
        self._asked = False

    def start(self, step: Step, results: Mapping[str, Manifest]) -> None:
        self._place.store.make_writable()
        name = step.node.name
        find = self._pipeline.find_stage
        request = {
            "pipeline": str(self._pipeline.path),
            "find_stage": f"{find.__module__}:{find.__qualname__}",
            "node": {"name": name, "inputs": step.node.inputs, "settings": step.node.settings,
                     "uses": step.node.uses, "table": step.node.table},
            "state": step.state,
            "reason": step.reason,
            "content": step.content,
            "manifest": step.manifest,
            "results": {source: results[source] for source in step.node.sources},
            "home": str(self._place.store.home),
            "remote": self._place.remote and self._place.remote.name,
            "folder": str(self._place.folder),
            "packages": self._place.packages,
        }  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, "-m", "textdl.pipeline.executors.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=self._environment(),
            start_new_session=True,  # so that Ctrl-C reaches it through this process only
        )
        assert process.stdin
        assert process.stdout
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(request).encode())
            process.stdin.close()
        os.set_blocking(process.stdout.fileno(), False)
        self._running[name], self._parts[name] = process, b""
        self._selector.register(process.stdout, selectors.EVENT_READ, name)

    def wait(self) -> tuple[str, Outcome]:
        while self._running:
            self._pass_stop_on()
            for ready, _ in self._selector.select(timeout=0.2):
                name = ready.data
                self._read(name)
                if self._running[name].stdout.closed:  # type: ignore[union-attr]
                    outcome = self._ended(name)
                    if outcome is not None:
                        return name, outcome
        raise Stopped(self._place.stop.signal or signal.SIGTERM)

    def _read(self, name: str) -> None:
        stream = self._running[name].stdout
        assert stream
        while (block := stream.read(1 << 16)) is not None:
            if not block:
                self._selector.unregister(stream)
                stream.close()
                break
            self._parts[name] += block
        *lines, self._parts[name] = self._parts[name].split(b"\n")
        for line in lines:
            event = json.loads(line)
            if event["event"] == "outcome":
                self._outcomes[name] = _outcome(event)  # raises what is wrong with the pipeline
            else:
                self._hear(event)

    def _ended(self, name: str) -> Outcome | None:
        """The outcome of a step whose process is gone; None if it was asked to stop."""
        code = self._running.pop(name).wait()
        outcome = self._outcomes.pop(name, None)
        if outcome is not None or self._asked:
            return outcome
        with contextlib.suppress(OSError):
            self._place.store.clean()
        died = f"by signal {-code} (out of memory?)" if code < 0 else f"with exit code {code}"
        trace = self._place.folder / f"{name}.traceback.txt"
        return StageFailedError(name, f"its process ended {died}", (), trace, own=False)

    def _pass_stop_on(self) -> None:
        if self._place.stop.signal is not None and not self._asked:
            self._asked = True
            for process in self._running.values():
                process.terminate()

    def _environment(self) -> dict[str, str]:
        threads = str(max(1, (os.cpu_count() or 1) // self.slots))
        path = os.pathsep.join(str(Path(entry or ".").resolve()) for entry in sys.path)
        return {**os.environ, **dict.fromkeys(THREADS, threads), "PYTHONPATH": path}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        patience = 0.0
        if self._place.stop.signal is None:  # nobody is in a hurry
            patience = time.monotonic() + TO_CHECKPOINT
            for process in self._running.values():
                process.terminate()
        for process in self._running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, patience - time.monotonic()))
            process.kill()
            process.wait()
            assert process.stdout
            process.stdout.close()
        if self._running:
            with contextlib.suppress(OSError):
                self._place.store.clean()
        self._selector.close()


def _outcome(event: Event) -> Outcome:
    if wrong := event.get("wrong"):
        raise PipelineError(wrong)
    if failure := event.get("failure"):
        return StageFailedError(
            failure["stage"], failure["text"], tuple(failure["kinds"]), Path(failure["traceback"]),
            own=failure["own"],
        )  # fmt: skip
    manifest: Manifest = event["manifest"]
    return manifest
