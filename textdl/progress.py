"""How a long computation tells whoever waits for it how far it is."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class Progress(Protocol):
    """What trainers report to. A pipeline stage hands in its own."""

    def update(self, done: float, total: float, unit: str, **facts: float) -> None:
        """``done`` of ``total`` units are done; ``facts`` are figures worth showing (loss, …)."""
        ...

    def note(self, text: str) -> None:
        """One line for the log."""
        ...


class Silent:
    """Reports nothing."""

    def update(self, done: float, total: float, unit: str, **facts: float) -> None: ...

    def note(self, text: str) -> None: ...
