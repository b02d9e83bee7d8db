"""Threads that share the parameters they train.

Niu et al. 2011, "Hogwild!: A Lock-Free Approach to Parallelizing Stochastic Gradient Descent":
threads read and write the same rows without locks; that two of them touch a row at the same moment
is rare enough not to matter. With one thread the order is fixed and the result with it.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import TypeVar

Work = TypeVar("Work")
Result = TypeVar("Result")


def cores() -> int:
    """How many threads can work at the same time: as many as there are cores for this process, and
    no more than ``OMP_NUM_THREADS`` says."""
    free = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return min(free or 1, int(limit)) if limit.isdecimal() and int(limit) else free or 1


class Threads:
    """Does pieces of work in order: at once in this thread, or a few ahead on several.

    Args:
        workers: default one per core.
        begin: what each of several threads does first.
    """

    def __init__(self, workers: int | None, begin: Callable[[], None] | None = None) -> None:
        workers = workers or cores()
        self._ahead = 2 * workers
        self._pool = ThreadPoolExecutor(workers, initializer=begin) if workers > 1 else None

    def map(
        self, function: Callable[[Work], Result], pieces: Iterable[Work]
    ) -> Iterator[tuple[Work, Result]]:
        """Each piece with its result, in order."""
        if self._pool is None:
            for piece in pieces:
                yield piece, function(piece)
            return
        running: deque[tuple[Work, Future[Result]]] = deque()
        for piece in pieces:
            running.append((piece, self._pool.submit(function, piece)))
            if len(running) > self._ahead:
                done, future = running.popleft()
                yield done, future.result()
        while running:
            done, future = running.popleft()
            yield done, future.result()

    def __enter__(self) -> Threads:
        return self

    def __exit__(self, *error: object) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)


def kept_threads() -> Threads:
    """One thread per core, kept until the process ends: for work so short that starting them would
    count. A forked process, in which they are gone, has its own."""
    return _kept(os.getpid())


@cache
def _kept(process: int) -> Threads:
    return Threads(None)
