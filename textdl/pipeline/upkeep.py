"""Looking after a store: what is in it, whether it is whole, and what can go."""

from __future__ import annotations

import contextlib
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from textdl.pipeline.errors import PipelineError
from textdl.pipeline.record import Record, records
from textdl.pipeline.store.digests import digest_file, digest_tree
from textdl.pipeline.store.files import walk
from textdl.pipeline.store.locks import held
from textdl.pipeline.store.results import Manifest, Store

ABANDONED = 30 * 24 * 3600
"""Seconds without a change after which checkpoints go."""

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}


@dataclass(frozen=True)
class Kept:
    """A result in a store.

    Attributes:
        bytes: of its files, which other results may share.
        used: when it was computed or last used, in seconds since 1970.
        pinned: whether it never goes.
    """

    manifest: Manifest
    bytes: int
    used: float
    pinned: bool


def contents(store: Store) -> list[Kept]:
    """All results, the one used last first."""
    found = []
    for path in (store.home / "results").glob("[0-9a-f]*.json"):
        if manifest := store.find(path.stem):
            size = sum(file.stat().st_size for _, file in walk(store.object(manifest["digest"])))
            pinned = (store.home / "pins" / path.stem).exists()
            found.append(Kept(manifest, size, path.stat().st_mtime, pinned))
    return sorted(found, key=lambda kept: kept.used, reverse=True)


def matching(store: Store, names: Iterable[str]) -> list[Kept]:
    """The results that names stand for: the beginning of a key, a run, a pipeline (its latest run),
    or ``run/stage``.

    Raises:
        PipelineError: a name stands for nothing.
    """
    everything = {kept.manifest["key"]: kept for kept in contents(store)}
    runs = list(records(store))
    found: dict[str, Kept] = {}
    for name in names:
        run, _, stage = name.partition("/")
        keys = [key for key in everything if len(name) >= 6 and key.startswith(name)]
        record = next((r for r in runs if run in (r["run"], r["pipeline"])), None)
        if record and not keys:
            keys = [e["key"] for s, e in record["stages"].items() if stage in ("", s)]
        if not any(key in everything for key in keys):
            raise PipelineError(
                f"{name!r} is no result: give the first letters of a key from textdl cache ls, a "
                "run from textdl runs, or a run and a stage as RUN/STAGE"
            )
        found |= {key: everything[key] for key in keys if key in everything}
    return list(found.values())


def pin(store: Store, kept: Iterable[Kept], *, pinned: bool = True) -> None:
    """Never remove these results, or no longer keep them."""
    folder = store.home / "pins"
    folder.mkdir(exist_ok=True)
    for one in kept:
        path = folder / one.manifest["key"]
        path.touch() if pinned else path.unlink(missing_ok=True)


def verify(store: Store) -> Iterator[tuple[Kept, str | None]]:
    """Every result, read whole, with what is wrong with it."""
    for kept in contents(store):
        manifest, folder = kept.manifest, store.object(kept.manifest["digest"])
        wrong = store.damage(manifest)
        for name, digest in manifest["files"].items() if not wrong else ():
            if digest_file(folder / name) != digest:
                wrong = f"{name} has changed, though its size and time have not"
        if not wrong and digest_tree(manifest["files"]) != manifest["digest"]:
            wrong = "its manifest contradicts itself"
        yield kept, wrong


def collect(
    store: Store, *, max_size: int | None, keep_runs: int | None, dry_run: bool = False
) -> list[Kept]:
    """Remove results, those first that were not used for longest, what dead processes left, and
    checkpoints with which nobody went on for :data:`ABANDONED` seconds.

    Pinned results stay, and those of the latest ``keep_runs`` runs of each pipeline.

    Args:
        max_size: bytes of all results together, below which nothing more is removed.
        keep_runs: alone, everything that those runs do not use is removed.
        dry_run: only say what would go.

    Returns:
        what was removed.

    Raises:
        PipelineError: a run is in progress.
    """
    with _without_runs(store, dry_run):
        everything = contents(store)
        keep = _keys_of(_latest(records(store), keep_runs)) if keep_runs is not None else set()
        left = {k.manifest["digest"]: k.bytes for k in everything}
        users = [k.manifest["digest"] for k in everything]
        removed = []
        for kept in reversed(everything):
            key, digest = kept.manifest["key"], kept.manifest["digest"]
            if max_size is not None and sum(left.values()) <= max_size:
                break
            if kept.pinned or key in keep:
                continue
            removed.append(kept)
            users.remove(digest)
            if digest not in users:
                del left[digest]
            if not dry_run:
                store.manifest_path(key).unlink(missing_ok=True)
        if not dry_run:
            _sweep(store, keep_objects=set(users))
    return removed


@contextlib.contextmanager
def _without_runs(store: Store, dry_run: bool) -> Iterator[None]:
    if dry_run:
        yield
        return
    store.make_writable()
    # A run takes this lock while it registers, so none begins unseen.
    with held(store.home / "gc", lambda owner: None, lambda: None):
        for name, owner in [*store.signs("running"), *store.signs("locks")]:
            raise PipelineError(
                f"{name} is running (process {owner['pid']} on {owner['host']}), and may need what "
                "would be removed: wait until it ends, or stop it"
            )
        yield


def _latest(runs: Iterable[Record], number: int) -> Iterator[Record]:
    seen: dict[str, int] = {}
    for record in runs:
        seen[record["pipeline"]] = seen.get(record["pipeline"], 0) + 1
        if seen[record["pipeline"]] <= number:
            yield record


def _keys_of(runs: Iterable[Record]) -> set[str]:
    return {e["key"] for run in runs for e in run["stages"].values() if not e["of_an_earlier_run"]}


def _sweep(store: Store, keep_objects: set[str]) -> None:
    """Remove what no result refers to, and what was left behind."""
    for path in (store.home / "objects").iterdir():
        if path.name not in keep_objects:
            shutil.rmtree(path, ignore_errors=True)
    for path in (store.home / "results").glob("*.json"):
        if store.find(path.stem) is None:
            path.unlink()
    for path in (store.home / "checkpoints").iterdir():
        changed = max(file.stat().st_mtime for file in (path, *path.rglob("*")))
        if time.time() - changed > ABANDONED:
            shutil.rmtree(path, ignore_errors=True)
    store.clean()
    store.digests.keep_only((store.home / "objects").rglob("*"))


def parse_size(text: str) -> int:
    """``20GB``, ``500 MB``, ``1e9`` in bytes.

    Raises:
        PipelineError: it is no size.
    """
    found = re.fullmatch(r"\s*([0-9.]+(?:e[0-9]+)?)\s*([kmgt]?)i?b?\s*", text.lower())
    try:
        if found:
            return int(float(found[1]) * _UNITS[found[2]])
    except (ValueError, OverflowError):
        pass
    raise PipelineError(f"{text!r} is no size: write 20GB, 500MB, …")
