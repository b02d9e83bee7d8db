"""Stopping a run at a good moment."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(KeyboardInterrupt):
    """A run ended because it was asked to, by a signal whose number is the argument."""


class Stop:
    """Whether the process was asked to stop.

    Attributes:
        signal: by which signal; None: it was not.
    """

    signal: int | None = None

    def check(self) -> None:
        """Raise :class:`Stopped` if it was. Called where nothing is lost by it."""
        if self.signal is not None:
            raise Stopped(self.signal)


@contextmanager
def stoppable() -> Iterator[Stop]:
    """The first SIGINT or SIGTERM waits until the next :meth:`Stop.check`; the second one raises at
    once. In a thread other than the main one signals can't be had, and nothing changes."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def asked(number: int, frame: FrameType | None) -> None:
        if stop.signal is not None:
            raise Stopped(number)
        stop.signal = number

    before = {number: signal.signal(number, asked) for number in SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
