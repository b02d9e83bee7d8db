"""Where stages run: in this process, or several at a time in processes of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, Self

from textdl.pipeline.events import Event
from textdl.pipeline.executors.execution import Outcome, Workplace
from textdl.pipeline.executors.inline import Inline
from textdl.pipeline.graph import Pipeline
from textdl.pipeline.plan import Step
from textdl.pipeline.store.results import Manifest


class Executor(Protocol):
    """Runs steps.

    Attributes:
        slots: how many at the same time.
    """

    slots: int

    def start(self, step: Step, results: Mapping[str, Manifest]) -> None:
        """Begin with a step; ``results`` has the manifests of its inputs."""

    def wait(self) -> tuple[str, Outcome]:
        """The name and the outcome of a step that has ended; waits for one.

        Raises:
            Stopped: the run was asked to stop, and all steps have.
        """

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: Any) -> None: ...


def make_executor(
    jobs: int, place: Workplace, pipeline: Pipeline, hear: Callable[[Event], None]
) -> Executor:
    """The executor for so many steps at a time; ``hear`` hears of events in other processes."""
    if jobs == 1:
        return Inline(place)
    from textdl.pipeline.executors.processes import Processes

    return Processes(jobs, place, pipeline, hear)


__all__ = ["Executor", "Outcome", "make_executor"]
