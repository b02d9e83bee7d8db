"""Content digests: BLAKE2b with 256 bits, as ``b2sum -l 256`` prints them."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textdl.pipeline.files import write_atomically


def digest_json(value: Any) -> str:
    """The digest of a JSON value in canonical form: sorted keys, no spaces, UTF-8."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return hashlib.blake2b(text.encode(), digest_size=32).hexdigest()


def digest_file(path: Path) -> str:
    """The digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(
            file,
            lambda: hashlib.blake2b(digest_size=32),
        ).hexdigest()


def digest_tree(files: Mapping[str, str]) -> str:
    """The digest of a folder, from its files' digests by name relative to it."""
    return digest_json(dict(files))


class DigestMemory:
    """Remembers digests by inode, size and time of change, so that an unchanged file is read once,
    wherever it was moved."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._changed = False
        try:
            known = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            known = {}
        self._known: dict[str, list[Any]] = known if isinstance(known, dict) else {}

    def digest(self, path: Path, *, settled: bool = False) -> str:
        """The digest of a file, computed unless it is known.

        Args:
            settled: nobody writes to the file any more. Else a file that was changed a moment ago
                is not remembered: it could change again within one tick of the file system's clock.
        """
        stat = path.stat()
        name, seen = (
            f"{stat.st_dev}:{stat.st_ino}",
            [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns],
        )
        known = self._known.get(name)
        if known and known[:-1] == seen:
            return str(known[-1])
        digest = digest_file(path)
        if settled or time.time_ns() - stat.st_ctime_ns > 2_000_000_000:
            self._known[name] = [*seen, digest]
            self._changed = True
        return digest

    def save(self) -> None:
        """Write what was learnt to disk; losing it costs time and nothing else."""
        if self._changed:
            write_atomically(self._path, json.dumps(self._known))
            self._changed = False
