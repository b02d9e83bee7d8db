"""Files and folders that take the place of others, whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from textdl.errors import InputError


@contextmanager
def replaced_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write into, which takes the place of ``path`` when all is on the disk. If that
    fails, ``path`` is what it was; whoever has it open keeps what they see."""
    temporary = path.with_name(f".{path.name}.{threading.get_native_id()}")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def replaced_folder(folder: str | Path, *, last: str) -> Iterator[Path]:
    """A folder to write into, whose contents go into ``folder`` when all is there. If that fails,
    ``folder`` has what it had.

    Args:
        last: the file without which nobody opens ``folder``. The one that was there goes first, the
            new one comes last: whoever is killed in between leaves no mixture that looks whole.

    Raises:
        InputError: ``folder`` is a file.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file: give another name for the folder")
    new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".saving-") as temporary:
            yield Path(temporary)
            (folder / last).unlink(missing_ok=True)
            for path in sorted(Path(temporary).iterdir(), key=lambda path: path.name == last):
                place = folder / path.name
                if place.is_dir():
                    shutil.rmtree(place)
                path.rename(place)
    finally:
        if new and not any(folder.iterdir()):
            folder.rmdir()
