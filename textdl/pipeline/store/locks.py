"""Who computes what, so that nobody else does.

A lock is two files: ``NAME.lock``, locked by the operating system, which frees it when its process
ends however it ends, and ``NAME.json``, which says whose it is. The second also counts: where a
shared folder does not pass locks on from one machine to another, an owner on another machine is
believed while its file changes.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from textdl.pipeline.store.files import FULL, draft_of, is_forgotten, replace
from textdl.pipeline.store.processes import here, process_start

BEAT = 1.0
"""Seconds between two signs of life."""
SILENCE = 30.0
"""An owner on another machine who gave none for so many seconds is dead."""

Owner = dict[str, Any]


class Sign:
    """A file in which a process says what it does, written anew every second until it is closed.

    Raises:
        FileExistsError: another process has said something there.
    """

    def __init__(self, path: Path, **facts: Any) -> None:
        self._path, self._beats = path, 0
        self._facts = {
            "host": socket.gethostname(),
            "place": here(),
            "pid": os.getpid(),
            "started": process_start(os.getpid()),
            "since": time.time(),
            **facts,
        }
        self._closed = threading.Event()
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = draft_of(path)
        try:
            draft.write_text(json.dumps(self._facts), "utf-8")
            os.link(draft, path)  # unlike a rename, it fails if somebody was faster
        except OSError as error:
            if error.errno not in FULL:  # where a disk is full, room can still be made
                raise
        finally:
            draft.unlink(missing_ok=True)
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    def update(self, **facts: Any) -> None:
        self._facts = {**self._facts, **facts}

    def close(self) -> None:
        self._closed.set()
        self._thread.join()
        with contextlib.suppress(OSError):  # whoever comes next will see that it is dead
            self._path.unlink()

    def _beat(self) -> None:
        while not self._closed.wait(BEAT):
            self._beats += 1
            with contextlib.suppress(OSError):
                replace(self._path, json.dumps({**self._facts, "beats": self._beats}))


@contextmanager
def held(
    path: Path, waits: Callable[[Owner | None], None], check: Callable[[], None]
) -> Iterator[Sign]:
    """Hold a lock. Waits for whoever holds it, after handing its owner to ``waits``.

    Args:
        path: without the suffixes.
        check: called every tenth of a second while it waits; it may raise.
    """
    sign, told, heard = path.with_suffix(".json"), False, _Silence()
    lock = FileLock(path.with_suffix(".lock"))
    while True:
        owner = None
        try:
            lock.acquire(timeout=0)
            owner = read_sign(sign)
            if owner is None or owner["host"] == socket.gethostname() or heard.dead(owner):
                sign.unlink(missing_ok=True)
                with contextlib.suppress(FileExistsError):
                    mine = Sign(sign)
                    break
            lock.release()
        except Timeout:
            owner = read_sign(sign)
        except BaseException:
            _release(lock)
            raise
        if not told:
            waits(owner)
            told = True
        check()
        time.sleep(0.1)
    try:
        yield mine
    finally:
        mine.close()
        _release(lock)


def _release(lock: FileLock) -> None:
    if lock.is_locked:
        # Whoever has opened this file finds after locking it that it is gone, and tries anew.
        with contextlib.suppress(OSError):
            Path(lock.lock_file).unlink()
    lock.release()


class _Silence:
    """For how long an owner's file has not changed, by the clock of this process."""

    def __init__(self) -> None:
        self._seen: tuple[Owner, float] | None = None

    def dead(self, owner: Owner) -> bool:
        now = time.monotonic()
        if self._seen is None or self._seen[0] != owner:
            self._seen = owner, now
        return now - self._seen[1] > SILENCE


_SAID = {"host": str, "pid": int, "since": int | float}


def read_sign(path: Path) -> Owner | None:
    """What a process said; None if nothing that can be read is there."""
    try:
        owner = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if isinstance(owner, dict) and all(isinstance(owner.get(n), k) for n, k in _SAID.items()):
        return owner
    return None


def alive(path: Path) -> Owner | None:
    """What a process said, if it still runs. Whether one elsewhere does, only its file can tell."""
    owner = read_sign(path)
    if owner is None:
        return None
    if owner.get("place", here()) == here() and owner["host"] == socket.gethostname():
        started = process_start(owner["pid"])
        return owner if started and started == owner.get("started", started) else None
    return None if is_forgotten(path) else owner


def describe(owner: Owner | None) -> str:
    """``process 4711 on nora, which computes it since 09:12:30``"""
    if owner is None:
        return "another process, which computes it"
    since = time.strftime("%H:%M:%S", time.localtime(owner["since"]))
    return f"process {owner['pid']} on {owner['host']}, which computes it since {since}"
