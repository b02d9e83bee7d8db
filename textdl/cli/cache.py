"""``textdl cache``"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from textdl.cli import options
from textdl.cli.asking import print_json
from textdl.cli.errors import FAILED
from textdl.cli.groups import InOrder

if TYPE_CHECKING:
    from textdl.pipeline import Store
    from textdl.pipeline.upkeep import Kept

RESULTS = "First letters of keys, runs, or RUN/STAGE."
results = click.argument("results", metavar="RESULT…", nargs=-1, required=True, help=RESULTS)
some_results = click.argument("results", metavar="[RESULT…]", nargs=-1, help=RESULTS)
archive = click.argument("archive", type=options.PATH, help="A ZIP file.")


@click.group(cls=InOrder)
def cache() -> None:
    """Look after the results of pipelines."""


@cache.command
@options.home
@options.as_json
def ls(home: Path | None, as_json: bool) -> None:
    """List the results, the one used last first."""
    from textdl.pipeline.upkeep import contents

    found = contents(_store(home))
    if as_json:
        print_json([_facts(kept) for kept in found])
        return
    for kept in found:
        click.echo(_line(kept))
    click.echo(f"{len(found):,} results, {_size(found)}")


@cache.command
@options.home
@options.as_json
def verify(home: Path | None, as_json: bool) -> None:
    """Read every file, and say what is damaged; a damaged result is computed again when needed."""
    from textdl.pipeline.upkeep import verify

    checked = list(verify(_store(home)))
    damaged = [(kept, wrong) for kept, wrong in checked if wrong]
    if as_json:
        print_json([{**_facts(kept), "wrong": wrong} for kept, wrong in checked])
    else:
        for kept, wrong in damaged:
            click.echo(f"{_line(kept)}: {wrong}")
        click.echo(f"{len(checked):,} results, {len(damaged)} damaged")
    if damaged:
        sys.exit(FAILED)


@cache.command
@click.option("--max-size", metavar="SIZE", help="Until no more than this is left, as 20GB.")
@click.option(
    "--keep-runs",
    metavar="N",
    type=click.IntRange(min=0),
    help="Not what each pipeline's latest N runs used.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@options.home
@options.as_json
def gc(
    max_size: str | None, keep_runs: int | None, dry_run: bool, home: Path | None, as_json: bool
) -> None:
    """Remove results, those first that were not used for longest; pinned ones stay."""
    from textdl.pipeline import PipelineError
    from textdl.pipeline.upkeep import collect, parse_size

    if max_size is None and keep_runs is None:
        raise PipelineError("say what may stay, with --max-size 20GB or --keep-runs 5, or both")
    size = None if max_size is None else parse_size(max_size)
    removed = collect(_store(home), max_size=size, keep_runs=keep_runs, dry_run=dry_run)
    if as_json:
        print_json([_facts(kept) for kept in removed])
        return
    for kept in removed:
        click.echo(_line(kept))
    verb = "would be removed" if dry_run else "removed"
    click.echo(f"{len(removed):,} results {verb}, {_size(removed)}")


@cache.command
@results
@options.home
def pin(results: tuple[str, ...], home: Path | None) -> None:
    """Never remove these results."""
    _pin(results, home, pinned=True)


@cache.command
@results
@options.home
def unpin(results: tuple[str, ...], home: Path | None) -> None:
    """Let these results be removed."""
    _pin(results, home, pinned=False)


@cache.command
@archive
@some_results
@options.home
def export(archive: Path, results: tuple[str, ...], home: Path | None) -> None:
    """Write results, by default all, into an archive."""
    from textdl.pipeline.store.remote import new_archive

    store = _store(home)
    with new_archive(archive) as remote:
        for kept in _chosen(store, results):
            remote.push(store, kept.manifest)
            click.echo(_line(kept))


@cache.command("import")
@archive
@options.home
def import_(archive: Path, home: Path | None) -> None:
    """Take the results of an archive into the store, after checking them."""
    from textdl.pipeline.store.remote import fetch_all, open_archive

    for manifest in fetch_all(open_archive(archive), _store(home)):
        click.echo(f"{manifest['key'][:12]}  {manifest['stage']}")


@cache.command
@some_results
@options.remote
@options.home
def push(results: tuple[str, ...], remote: str | None, home: Path | None) -> None:
    """Copy results, by default all, to another place."""
    store, place = _store(home), _remote(remote)
    for kept in _chosen(store, results):
        place.push(store, kept.manifest)
        click.echo(_line(kept))


@cache.command
@options.remote
@options.home
def pull(remote: str | None, home: Path | None) -> None:
    """Fetch all results from another place, after checking them."""
    from textdl.pipeline.store.remote import fetch_all

    for manifest in fetch_all(_remote(remote), _store(home)):
        click.echo(f"{manifest['key'][:12]}  {manifest['stage']}")


def _store(home: Path | None) -> Store:
    from textdl import api
    from textdl.pipeline import Store

    return Store(api.home_folder(home))


def _remote(address: str | None) -> Any:
    from textdl import api
    from textdl.pipeline import PipelineError
    from textdl.pipeline.store.remote import open_remote

    if not (found := api.remote_address(address)):
        raise PipelineError("say where, with --remote or the environment variable TEXTDL_REMOTE")
    return open_remote(found)


def _chosen(store: Store, names: Sequence[str]) -> list[Kept]:
    from textdl.pipeline.upkeep import contents, matching

    return matching(store, names) if names else contents(store)


def _pin(results: Sequence[str], home: Path | None, *, pinned: bool) -> None:
    from textdl.pipeline.upkeep import matching, pin

    store = _store(home)
    found = matching(store, results)
    pin(store, found, pinned=pinned)
    for kept in found:
        click.echo(f"{kept.manifest['key'][:12]}  {kept.manifest['stage']}")


def _facts(kept: Kept) -> dict[str, Any]:
    manifest = kept.manifest
    names = ("key", "stage", "digest", "settings", "computed_at", "seconds")
    facts = {name: manifest.get(name) for name in names}
    return {**facts, "bytes": kept.bytes, "used_at": kept.used, "pinned": kept.pinned}


def _size(results: list[Kept]) -> str:
    """Of all of them, what they share once."""
    from textdl.pipeline.events import size_text

    return size_text(sum({kept.manifest["digest"]: kept.bytes for kept in results}.values()))


def _line(kept: Kept) -> str:
    from textdl.pipeline.events import size_text

    used = time.strftime("%Y-%m-%d %H:%M", time.localtime(kept.used))
    pinned = "  pinned" if kept.pinned else ""
    name = f"{kept.manifest['key'][:12]}  {kept.manifest.get('stage', '?'):<24}"
    return f"{name}{size_text(kept.bytes):>10}  {used}{pinned}"
