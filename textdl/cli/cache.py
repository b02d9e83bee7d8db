"""``textdl cache``"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textdl.cli.asking import print_json
from textdl.cli.errors import FAILED, explained
from textdl.cli.options import Home, Json, Remote

if TYPE_CHECKING:
    from textdl.pipeline import Store
    from textdl.pipeline.upkeep import Kept

app = typer.Typer(help="Look after the results of pipelines.", no_args_is_help=True)

Results = Annotated[
    list[str],
    typer.Argument(metavar="RESULT…", help="First letters of keys, runs, or RUN/STAGE."),
]
SomeResults = Annotated[
    list[str] | None,
    typer.Argument(metavar="[RESULT…]", help="First letters of keys, runs, or RUN/STAGE."),
]
Archive = Annotated[Path, typer.Argument(metavar="ARCHIVE", help="A ZIP file.")]


def ls(home: Home = None, as_json: Json = False) -> None:
    """List the results, the one used last first."""
    from textdl.pipeline.upkeep import contents

    found = contents(_store(home))
    if as_json:
        print_json([_facts(kept) for kept in found])
        return
    for kept in found:
        typer.echo(_line(kept))
    typer.echo(f"{len(found):,} results, {_size(found)}")


def verify(home: Home = None, as_json: Json = False) -> None:
    """Read every file, and say what is damaged; a damaged result is computed again when needed."""
    from textdl.pipeline.upkeep import verify

    checked = list(verify(_store(home)))
    damaged = [(kept, wrong) for kept, wrong in checked if wrong]
    if as_json:
        print_json([{**_facts(kept), "wrong": wrong} for kept, wrong in checked])
    else:
        for kept, wrong in damaged:
            typer.echo(f"{_line(kept)}: {wrong}")
        typer.echo(f"{len(checked):,} results, {len(damaged)} damaged")
    if damaged:
        raise typer.Exit(FAILED)


def gc(
    max_size: Annotated[
        str | None, typer.Option(metavar="SIZE", help="Until no more than this is left, as 20GB.")
    ] = None,
    keep_runs: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="Not what each pipeline's latest N runs used."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    home: Home = None,
    as_json: Json = False,
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
        typer.echo(_line(kept))
    verb = "would be removed" if dry_run else "removed"
    typer.echo(f"{len(removed):,} results {verb}, {_size(removed)}")


def pin(results: Results, home: Home = None) -> None:
    """Never remove these results."""
    _pin(results, home, pinned=True)


def unpin(results: Results, home: Home = None) -> None:
    """Let these results be removed."""
    _pin(results, home, pinned=False)


def export(archive: Archive, results: SomeResults = None, home: Home = None) -> None:
    """Write results, by default all, into an archive."""
    from textdl.pipeline.store.remote import new_archive

    store = _store(home)
    with new_archive(archive) as remote:
        for kept in _chosen(store, results):
            remote.push(store, kept.manifest)
            typer.echo(_line(kept))


def import_(archive: Archive, home: Home = None) -> None:
    """Take the results of an archive into the store, after checking them."""
    from textdl.pipeline.store.remote import fetch_all, open_archive

    for manifest in fetch_all(open_archive(archive), _store(home)):
        typer.echo(f"{manifest['key'][:12]}  {manifest['stage']}")


def push(results: SomeResults = None, remote: Remote = None, home: Home = None) -> None:
    """Copy results, by default all, to another place."""
    store, place = _store(home), _remote(remote)
    for kept in _chosen(store, results):
        place.push(store, kept.manifest)
        typer.echo(_line(kept))


def pull(remote: Remote = None, home: Home = None) -> None:
    """Fetch all results from another place, after checking them."""
    from textdl.pipeline.store.remote import fetch_all

    for manifest in fetch_all(_remote(remote), _store(home)):
        typer.echo(f"{manifest['key'][:12]}  {manifest['stage']}")


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


def _chosen(store: Store, names: list[str] | None) -> list[Kept]:
    from textdl.pipeline.upkeep import contents, matching

    return matching(store, names) if names else contents(store)


def _pin(results: list[str], home: Path | None, *, pinned: bool) -> None:
    from textdl.pipeline.upkeep import matching, pin

    store = _store(home)
    found = matching(store, results)
    pin(store, found, pinned=pinned)
    for kept in found:
        typer.echo(f"{kept.manifest['key'][:12]}  {kept.manifest['stage']}")


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


_VERBS: list[Callable[..., None]] = [ls, verify, gc, pin, unpin, export, import_, push, pull]
for _verb in _VERBS:
    app.command(_verb.__name__.rstrip("_"))(explained(_verb))
