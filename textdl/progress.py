"""How a long computation tells whoever waits for it how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable


@runtime_checkable
class Progress(Protocol):
    """What trainers report to. A pipeline stage hands in its own."""

    def update(self, done: float, total: float, unit: str, **facts: float) -> None:
        """``done`` of ``total`` units are done; ``facts`` are figures worth showing (loss, …).

        A KeyboardInterrupt from here stops the computation; with checkpoints, it writes one first.
        """
        ...

    def note(self, text: str) -> None:
        """One line for the log."""
        ...


@contextmanager
def kept_if_stopped(keep: Callable[[], None] | None) -> Iterator[None]:
    """If whoever hears of progress stops the computation by it, ``keep`` what is done first."""
    try:
        yield
    except KeyboardInterrupt:
        if keep:
            keep()
        raise


class Silent:
    """Reports nothing."""

    def update(self, done: float, total: float, unit: str, **facts: float) -> None: ...

    def note(self, text: str) -> None: ...
