"""Telling whoever waits that a kernel is being compiled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from textdl.paging import release_code, release_heap
from textdl.progress import Progress


@contextmanager
def announced_compilation(progress: Progress) -> Iterator[None]:
    """Note the first compilation in this block; a kernel that comes from the cache is not noted.
    Afterwards, memory that only the compiler needed is given back."""
    from numba.core import event

    class Announce(event.Listener):  # type: ignore[misc]
        announced = False

        def on_start(self, event: object) -> None:
            if not self.announced:
                progress.note("compiling the kernel (once; it is kept for later runs)")
            self.announced = True

        def on_end(self, event: object) -> None: ...

    try:
        with event.install_listener("numba:compile", Announce()):
            yield
    finally:
        release_code("libllvmlite.so")
        release_heap()
