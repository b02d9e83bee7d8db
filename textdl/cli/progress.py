"""How far a download or a computation is, below the prompt."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class _Shown:
    """Shows on the terminal what it hears of, from when it first hears of anything."""

    def __init__(self, verb: str) -> None:
        self._verb = verb
        self._bars: Any = None

    def update(self, done: float, total: float, unit: str, **facts: float) -> None:
        if not sys.stderr.isatty():
            return
        if self._bars is None:
            from textdl.display import Bars  # which needs rich

            self._bars = Bars().__enter__()
        progress = {"done": done, "total": total, "unit": unit, "facts": facts}
        self._bars.show({"event": "progress", "stage": self._verb, **progress})

    def note(self, text: str) -> None:
        if self._bars is not None:
            self._bars.line(text)
        else:
            print(text, file=sys.stderr)

    def close(self) -> None:
        if self._bars is not None:
            self._bars.__exit__(None, None, None)


@contextmanager
def shown(verb: str = "loading") -> Iterator[_Shown]:
    """What can be handed to a function as its ``progress``."""
    progress = _Shown(verb)
    try:
        yield progress
    finally:
        progress.close()
