"""Content digests: BLAKE3 (O'Connor et al. 2020), as ``b3sum`` prints them, which reads a file as
fast as a disk can give it."""

from __future__ import annotations

import contextlib
import json
import math
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from blake3 import blake3

from textdl.pipeline.store.files import replace

_BLOCK = 1 << 22


def digest_json(value: Any) -> str:
    """The digest of a JSON value in canonical form: sorted keys, no spaces, UTF-8."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return digest_text(text)


def digest_text(text: str) -> str:
    """The digest of a text in UTF-8."""
    return blake3(text.encode()).hexdigest()


def digest_file(path: Path) -> str:
    """The digest of a file's bytes."""
    total, block = blake3(max_threads=blake3.AUTO), bytearray(_BLOCK)
    with path.open("rb", buffering=0) as file:
        while length := file.readinto(block):
            total.update(memoryview(block)[:length])
    return total.hexdigest()


def digest_tree(files: Mapping[str, str]) -> str:
    """The digest of a folder, from its files' digests by name relative to it."""
    return digest_json(dict(files))


class DigestMemory:
    """Remembers digests, and what else was found out about files, by inode, size and time of
    change, so that an unchanged file is read once, wherever it was moved."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = self._read()
        self._learnt: dict[str, list[Any]] = {}
        self._saved = -math.inf

    def digest(self, path: Path, *, settled: bool = False) -> str:
        """The digest of a file, computed unless it is known.

        Args:
            settled: nobody writes to the file any more. It is read once more even so.
        """
        return str(self.recall(path, digest_file, settled=settled))

    def recall(
        self, path: Path, find_out: Callable[[Path], Any], *, about: str = "", settled: bool = False
    ) -> Any:
        """What there is to find out about a file, as JSON; ``about`` tells it from the digest.

        A file that is not settled and was changed a moment ago is not remembered: it could change
        again within one tick of the file system's clock.
        """
        stat = path.stat()
        name = f"{stat.st_dev}:{stat.st_ino}{about}"
        seen = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]
        known = self._known.get(name)
        if known and known[:-1] == seen and not settled:
            return known[-1]
        found = find_out(path)
        if settled or time.time_ns() - stat.st_ctime_ns > 2_000_000_000:
            self._known[name] = self._learnt[name] = [*seen, found]
        return found

    def save(self, *, interval: float = 0.0) -> None:
        """Write what was learnt to disk, beside what other processes learnt; losing it costs time
        and nothing else.

        Args:
            interval: only if this was not done within so many seconds.
        """
        if self._learnt and time.monotonic() - self._saved >= interval:
            self._known = self._read() | self._learnt
            self._write()

    def keep_only(self, paths: Iterable[Path]) -> None:
        """Forget all other files. Those that are still there are read once more when needed."""
        stats = [path.stat() for path in paths]
        inodes = {f"{stat.st_dev}:{stat.st_ino}" for stat in stats}
        self._known = {name: found for name, found in self._read().items() if name in inodes}
        self._write()

    def _write(self) -> None:
        with contextlib.suppress(OSError):
            text = json.dumps(self._known)
            replace(self._path, f"{digest_text(text)}\n{text}")
            self._learnt = {}
            self._saved = time.monotonic()

    def _read(self) -> dict[str, list[Any]]:
        try:
            check, _, text = self._path.read_text("utf-8").partition("\n")
            known: dict[str, list[Any]] = json.loads(text) if check == digest_text(text) else {}
        except (OSError, ValueError):
            return {}
        return known
