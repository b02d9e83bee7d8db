"""Folders of several files that belong together."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from textdl.errors import InputError


@contextmanager
def replaced(folder: str | Path, *, last: str) -> Iterator[Path]:
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
