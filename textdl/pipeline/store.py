"""Results on disk, found by key.

::

    results/<key>.json      the manifest: what was computed, from what, and the files' digests
    objects/<digest>/       the files themselves; two keys with the same bytes share them
    checkpoints/<key>/      what an unfinished stage needs in order to go on
    locks/<key>.lock        held by the process that computes the key

An object is written under a temporary name, flushed, and renamed; then its manifest is. So a
manifest always names a complete object, and replacing a result never removes the old one first.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from textdl.pipeline.digests import DigestMemory, digest_tree
from textdl.pipeline.errors import PipelineError
from textdl.pipeline.files import flush, write_atomically

Manifest = dict[str, Any]


_MANIFEST = {
    "key", "digest", "files", "source", "info", "seconds", "cpu_seconds", "peak_memory_bytes",
    "computed_at", "versions",
}  # fmt: skip


class Store:
    """The results under one folder.

    Raises:
        PipelineError: the folder can't be made or written to.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        try:
            for name in ("results", "objects", "checkpoints", "locks"):
                (home / name).mkdir(parents=True, exist_ok=True)
            probe = home / f".writable-{os.getpid()}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise PipelineError(
                f"{home}: can't be written to ({error.strerror or error}). Choose another folder "
                "for results with --home or the environment variable TEXTDL_HOME"
            ) from error
        self.digests = DigestMemory(home / "digests.json")

    def object(self, digest: str) -> Path:
        """Where the files with this digest are."""
        return self.home / "objects" / digest

    def find(self, key: str) -> Manifest | None:
        """The manifest of a key's result, None if there is no result."""
        try:
            manifest: Manifest = json.loads((self.home / f"results/{key}.json").read_text("utf-8"))
        except (OSError, ValueError):
            return None
        whole = isinstance(manifest, dict) and manifest.keys() >= _MANIFEST
        return manifest if whole and manifest["key"] == key else None

    def damage(self, manifest: Manifest) -> str | None:
        """What is wrong with a result's files; None if they are as they were published."""
        folder = self.object(manifest["digest"])
        if not folder.is_dir():
            return "its files are missing"
        present = {name for name, _ in _walk(folder)}
        for name in sorted(present ^ manifest["files"].keys()):
            return f"{name} is {'foreign' if name in present else 'missing'}"
        for name, digest in manifest["files"].items():
            if self.digests.digest(folder / name) != digest:
                return f"{name} has changed"
        return None

    def checkpoints(self, key: str, source: str) -> Path:
        """The folder for a key's checkpoints, made if it is not there; emptied if what is in it
        was written by another source."""
        folder = self.home / "checkpoints" / key
        written_by = folder / "source"
        if not written_by.is_file() or written_by.read_text("utf-8") != source:
            shutil.rmtree(folder, ignore_errors=True)
            write_atomically(written_by, source)
        return folder

    def scratch(self, key: str) -> Path:
        """An empty folder in which a key's result is prepared. Needs the key's lock."""
        folder = self.home / "objects" / f".{key}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def publish(self, key: str, folder: Path, facts: Manifest) -> Manifest:
        """Make a prepared folder the result of a key."""
        for _, path in _walk(folder):
            flush(path)
            path.chmod(path.stat().st_mode & ~0o222)
        files = {name: self.digests.digest(path, settled=True) for name, path in _walk(folder)}
        digest = digest_tree(files)
        manifest = {"key": key, "digest": digest, "files": files, **facts}
        for path in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
            flush(path)
        place = self.object(digest)
        if place.exists() and self.damage(manifest):
            damaged = place.with_name(f".damaged-{digest}-{os.getpid()}")
            place.rename(damaged)
            shutil.rmtree(damaged, ignore_errors=True)
        try:
            folder.rename(place)
        except OSError:
            # Another key has the same bytes, and its process may have come first just now.
            if not place.exists():
                raise
            shutil.rmtree(folder)
        flush(place.parent)
        write_atomically(
            self.home / f"results/{key}.json", json.dumps(manifest, ensure_ascii=False, indent=1)
        )
        shutil.rmtree(self.home / "checkpoints" / key, ignore_errors=True)
        self.digests.save()
        return manifest

    @contextmanager
    def lock(self, key: str, waiting: Callable[[str], None]) -> Iterator[None]:
        """Hold a key, so that nobody else computes it. Waits for whoever holds it, after saying so
        through ``waiting``. The operating system frees the lock of a process that died."""
        lock = FileLock(self.home / f"locks/{key}.lock")
        owner = self.home / f"locks/{key}.json"
        try:
            lock.acquire(timeout=0)
        except Timeout:
            waiting(_describe(owner))
            lock.acquire()
        try:
            facts = {"host": socket.gethostname(), "pid": os.getpid(), "since": time.time()}
            write_atomically(owner, json.dumps(facts))
            yield
        finally:
            owner.unlink(missing_ok=True)
            lock.release()


def _describe(owner: Path) -> str:
    try:
        facts = json.loads(owner.read_text("utf-8"))
        since = time.strftime("%H:%M:%S", time.localtime(facts["since"]))
        return f"process {facts['pid']} on {facts['host']}, which computes it since {since}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process, which computes it"


def _walk(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files below a folder, by name relative to it, in a fixed order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path
