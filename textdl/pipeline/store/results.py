"""Results on disk, found by key.

::

    results/<key>.json      the manifest: what was computed, from what, and the files' digests
    objects/<digest>/       the files themselves; two keys with the same bytes share them
    checkpoints/<key>/      what an unfinished stage needs in order to go on
    locks/<key>.lock, .json held by the process that computes the key
    runs/<run>.json         what each run did
    running/<run>.json      the runs in progress
    pins/<key>              a result that is never removed

An object is written under a temporary name, flushed, and renamed; then its manifest is. So a
manifest always names a complete object, and replacing a result never removes the old one first.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path, PurePosixPath
from typing import Any

from textdl.pipeline.errors import PipelineError
from textdl.pipeline.store.digests import DigestMemory, digest_text, digest_tree
from textdl.pipeline.store.files import (
    draft_of,
    flush,
    remove,
    remove_dead_drafts,
    walk,
    write_atomically,
)
from textdl.pipeline.store.locks import Owner, Sign, alive, held

Manifest = dict[str, Any]

_DIGEST = re.compile("[0-9a-f]{64}")
_MANIFEST = {
    "key", "digest", "files", "source", "info", "seconds", "cpu_seconds", "peak_memory_bytes",
    "computed_at", "versions", "resumed", "measured", "seal",
}  # fmt: skip


def is_digest(text: Any) -> bool:
    """Whether this can be a key or the name of an object, and leads nowhere else."""
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None


def check_manifest(manifest: Any, key: str) -> Manifest:
    """A manifest whose names lead nowhere but into the folder of its object.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(manifest, dict) or not manifest.keys() >= _MANIFEST:
        raise ValueError("it is no manifest of a result")
    if manifest["key"] != key or not isinstance(manifest["files"], dict):
        raise ValueError("it belongs to another key")
    for digest in (key, manifest["digest"], *manifest["files"].values()):
        if not is_digest(digest):
            raise ValueError(f"{digest!r} is no digest")
    for name in manifest["files"]:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or str(path) != name or "\\" in name:
            raise ValueError(f"{name!r} leads out of the folder")
        if not path.name or "\0" in name or (os.name == "nt" and ":" in name):
            raise ValueError(f"{name!r} is no name of a file")
    if manifest["seal"] != seal_of(manifest):
        raise ValueError("it has been changed")
    return manifest


def seal_of(manifest: Manifest) -> str:
    """A digest of all that a manifest says."""
    said = {name: value for name, value in manifest.items() if name != "seal"}
    return digest_text(json.dumps(said, sort_keys=True))


class Store:
    """The results under one folder, which is made when something is first written."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.digests = DigestMemory(home / "digests.json")

    def make_writable(self) -> None:
        """Raise a PipelineError if nothing can be written."""
        try:
            for name in ("results", "objects", "checkpoints", "locks"):
                (self.home / name).mkdir(parents=True, exist_ok=True)
                probe = draft_of(self.home / name / "writable")
                probe.touch()
                probe.unlink()
        except OSError as error:
            raise PipelineError(
                f"{self.home}: can't be written to ({error.strerror or error}). Choose another "
                "folder for results with --home or the environment variable TEXTDL_HOME"
            ) from error

    def object(self, digest: str) -> Path:
        """Where the files with this digest are."""
        return self.home / "objects" / digest

    def manifest_path(self, key: str) -> Path:
        return self.home / "results" / f"{key}.json"

    def find(self, key: str) -> Manifest | None:
        """The manifest of a key's result, None if there is no result."""
        try:
            return check_manifest(json.loads(self.manifest_path(key).read_text("utf-8")), key)
        except (OSError, ValueError, RecursionError):
            return None

    def manifests(self) -> Iterator[Manifest]:
        """The manifests of all results."""
        for path in (self.home / "results").glob("[0-9a-f]*.json"):
            if manifest := self.find(path.stem):
                yield manifest

    def used(self, key: str) -> None:
        """Note that a result was used now, for :func:`textdl.pipeline.upkeep.collect`."""
        with contextlib.suppress(OSError):
            os.utime(self.manifest_path(key))

    def damage(self, manifest: Manifest, folder: Path | None = None) -> str | None:
        """What is wrong with a result's files; None if they are as they were published."""
        folder = folder or self.object(manifest["digest"])
        if not folder.is_dir():
            return "its files are missing"
        present = {name for name, _ in walk(folder)}
        for name in sorted(present ^ manifest["files"].keys()):
            return f"{name} is {'foreign' if name in present else 'missing'}"
        for name, digest in manifest["files"].items():
            try:
                if self.digests.digest(folder / name) != digest:
                    return f"{name} has changed"
            except OSError as error:
                return f"{name} can't be read ({error.strerror})"
        return None

    def checkpoints(self, key: str, source: str) -> Path:
        """The folder for a key's checkpoints, made if it is not there; emptied if what is in it
        was written by another source."""
        folder = self.home / "checkpoints" / key
        written_by = folder / "source"
        if not written_by.is_file() or written_by.read_text("utf-8") != source:
            remove(folder)
            write_atomically(written_by, source)
        return folder

    def scratch(self, key: str) -> Path:
        """An empty folder in which a key's result is prepared. Needs the key's lock."""
        folder = self.home / "objects" / f".{key}"
        remove(folder)
        folder.mkdir()
        return folder

    def publish(self, key: str, folder: Path, facts: Manifest) -> Manifest:
        """Make a prepared folder the result of a key."""
        for path in folder.rglob("*"):
            if path.is_symlink():
                raise ValueError(f"{path.name} in the result is a link: write the file itself")
        for _, path in walk(folder):
            flush(path)
            path.chmod(path.stat().st_mode & ~0o222)
        files = {name: self.digests.digest(path, settled=True) for name, path in walk(folder)}
        digest = digest_tree(files)
        said = {**facts, "key": key, "digest": digest, "files": files}
        manifest = json.loads(json.dumps(said, default=_plain))
        check_manifest(manifest := {**manifest, "seal": seal_of(manifest)}, key)
        for path in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
            flush(path)
        place = self.object(digest)
        if place.exists() and self.damage(manifest):
            damaged = place.with_name(f".damaged-{digest}-{os.getpid()}")
            place.rename(damaged)
            remove(damaged)
        try:
            folder.rename(place)
        except OSError:
            # Another key has the same bytes, and its process may have come first just now.
            if not place.exists():
                raise
            shutil.rmtree(folder)
        flush(place.parent)
        write_atomically(
            self.manifest_path(key), json.dumps(manifest, ensure_ascii=False, indent=1)
        )
        remove(self.home / "checkpoints" / key)
        self.digests.save(interval=1.0)  # all is saved when a run ends
        return manifest

    def lock(
        self, key: str, waits: Callable[[Owner | None], None], check: Callable[[], None]
    ) -> AbstractContextManager[Sign]:
        """Hold a key, so that nobody else computes it; see
        :func:`textdl.pipeline.store.locks.held`."""
        return held(self.home / "locks" / key, waits, check)

    def signs(self, folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """What processes that run say in ``locks`` or ``running``, by the files' names."""
        for path in sorted((self.home / folder).glob("*.json")):
            if owner := alive(path):
                yield path.stem, owner

    def clean(self) -> None:
        """Remove what processes left that died: signs, drafts, results half prepared, checkpoints
        of finished ones."""
        for folder in (self.home, *(path for path in self.home.iterdir() if path.is_dir())):
            remove_dead_drafts(folder)
        for path in (self.home / "objects").glob(".damaged-*"):
            remove(path)
        for name in self._left():
            with contextlib.suppress(BlockingIOError), self.lock(name, _busy, lambda: None):
                remove(self.home / "objects" / f".{name}")
                remove(self.home / "running" / f"{name}.json")
                if self._outlived(name):
                    remove(self.home / "checkpoints" / name)

    def _left(self) -> set[str]:
        """The keys and runs whose files may be those of a dead process."""
        signs = [p for f in ("locks", "running") for p in (self.home / f).glob("[!.]*.json")]
        locks = (self.home / "locks").glob("[!.]*.lock")
        half = (self.home / "objects").glob(f".{'[0-9a-f]' * 64}")
        checkpoints = (self.home / "checkpoints").glob("[0-9a-f]*/")
        return {
            *(path.stem for path in signs if not alive(path)),
            *(path.stem for path in locks if not path.with_suffix(".json").exists()),
            *(path.name[1:] for path in half),
            *(path.name for path in checkpoints if self._outlived(path.name)),
        }

    def _outlived(self, key: str) -> bool:
        """Whether checkpoints are of no use any more: their result was published, or used, after
        they were begun. Those of a forced run are younger."""
        try:
            begun = (self.home / "checkpoints" / key / "source").stat().st_mtime_ns
            published = self.manifest_path(key).stat().st_mtime_ns
            return published >= begun and self.find(key) is not None
        except OSError:
            return not (self.home / "checkpoints" / key / "source").exists()


def _plain(value: Any) -> Any:
    """Numbers of NumPy as Python's; what else is no JSON, as it is written."""
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _busy(owner: Owner | None) -> None:
    raise BlockingIOError


def computing(store: Store) -> list[dict[str, Any]]:
    """The stages that are being computed now: ``stage``, ``key``, ``host``, ``pid``, ``since``
    (seconds since 1970) and, if the stage said how far it is, ``progress``."""
    return [
        {"key": key, "progress": None, **owner}
        for key, owner in store.signs("locks")
        if "stage" in owner
    ]
