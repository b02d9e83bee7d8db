"""Telling whoever waits that a kernel is being compiled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from textdl.progress import Progress


@contextmanager
def announced_compilation(progress: Progress) -> Iterator[None]:
    """Note the first compilation in this block; a kernel that comes from the cache is not noted."""
    from numba.core import event

    class Announce(event.Listener):  # type: ignore[misc]
        announced = False

        def on_start(self, event: object) -> None:
            if not self.announced:
                progress.note("compiling the kernel (once; it is kept for later runs)")
            self.announced = True

        def on_end(self, event: object) -> None: ...

    with event.install_listener("numba:compile", Announce()):
        yield
