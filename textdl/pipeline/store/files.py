"""Writing so that a crash leaves the old state or the new one."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from blake3 import blake3

from textdl.pipeline.store.processes import here, process_start

FORGOTTEN = 3600.0
"""Seconds after which a process elsewhere is dead that left something half written or unsaid."""

FULL = (errno.ENOSPC, errno.EDQUOT)
"""The errors of a disk without space."""

_DRAFT = re.compile(r"\..+\.([0-9a-f]{8})-(\d+)-[0-9a-f]{8}")


def write_atomically(path: Path, text: str) -> None:
    """Replace a file's content as one step, and have it on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace(path, text, lasting=True)
    flush(path.parent)


def draft_of(path: Path) -> Path:
    """A name beside a path that nobody else takes, and that says who did."""
    return path.with_name(f".{path.name}.{_place()}-{os.getpid()}-{os.urandom(4).hex()}")


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there and as far as it can be."""
    with contextlib.suppress(OSError):
        path.unlink()
    shutil.rmtree(path, ignore_errors=True)


def remove_dead_drafts(folder: Path) -> None:
    """Remove what processes left in a folder that died while they wrote."""
    for path in folder.glob(".*"):
        if draft := _DRAFT.fullmatch(path.name):
            with contextlib.suppress(OSError):
                if draft[1] == _place():
                    dead = process_start(int(draft[2])) is None
                else:
                    dead = is_forgotten(path)
                if dead:
                    path.unlink()


def is_forgotten(path: Path) -> bool:
    """Whether a file has not changed for :data:`FORGOTTEN` seconds, by the clock of its file
    system, which may be that of another machine."""
    now, probe = time.time(), draft_of(path)
    with contextlib.suppress(OSError):
        probe.touch()
        now = probe.stat().st_mtime
        probe.unlink()
    try:
        return now - path.lstat().st_mtime > FORGOTTEN
    except OSError:
        return True


def _place() -> str:
    return blake3(here().encode()).hexdigest(length=4)


def replace(path: Path, text: str, *, lasting: bool = False) -> None:
    """Replace a file's content as one step; ``lasting``: also if the machine stops right now."""
    temporary = draft_of(path)
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def flush(path: Path) -> None:
    """Have a file's content, or a folder's list of names, on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def walk(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files below a folder, by name relative to it, in a fixed order. Links are followed.

    Raises:
        ValueError: one leads back.
    """
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.is_symlink() and folder.resolve().is_relative_to(path.resolve()):
                raise ValueError(f"{path} is a link that leads back to {path.resolve()}")
            yield from ((f"{path.name}/{name}", file) for name, file in walk(path))
        elif path.is_file():
            yield path.name, path


def link(target: Path, path: Path) -> None:
    """Make ``path`` a link to ``target``, replacing a link that is there.

    Raises:
        OSError: a folder is there, or the file system has no links.
    """
    if path.is_symlink() and path.readlink() == target.resolve():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = draft_of(path)
    temporary.symlink_to(target.resolve(), target_is_directory=True)
    try:
        temporary.replace(path)
    except IsADirectoryError as error:
        temporary.unlink()
        problem = "a folder is in the place of the link to a result: move it away"
        raise IsADirectoryError(error.errno, problem, str(path)) from error
