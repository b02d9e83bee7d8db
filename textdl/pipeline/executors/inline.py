"""Stages in this process, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from textdl.pipeline.errors import StageFailedError
from textdl.pipeline.executors.execution import Outcome, Workplace, complete
from textdl.pipeline.plan import Step
from textdl.pipeline.store.results import Manifest


class Inline:
    """An executor that does a step while it is waited for."""

    slots = 1

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._next: tuple[Step, Mapping[str, Manifest]] | None = None

    def start(self, step: Step, results: Mapping[str, Manifest]) -> None:
        self._next = step, results

    def wait(self) -> tuple[str, Outcome]:
        assert self._next
        step, results = self._next
        try:
            return step.node.name, complete(step, results, self._place)
        except StageFailedError as error:
            return step.node.name, error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None: ...
