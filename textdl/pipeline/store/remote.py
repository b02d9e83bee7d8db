"""Results elsewhere: a second level of the store, at any address that fsspec knows (a folder,
``s3://``, ``memory://``, …), or an archive, which is one in a ZIP file.

``results/<key>.json`` is a manifest, ``objects/<digest>/`` has its files. A manifest comes last, so
what has one is whole; what arrives is checked against its digests before anybody sees it.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from textdl.pipeline.errors import PipelineError
from textdl.pipeline.store.digests import digest_tree
from textdl.pipeline.store.files import draft_of, walk
from textdl.pipeline.store.results import Manifest, Store, check_manifest, is_digest

_BLOCK = 1 << 22


class Remote:
    """A place for results.

    Args:
        name: what messages call it.
        files: an fsspec file system.
        root: the folder in it.
    """

    def __init__(self, name: str, files: Any, root: str) -> None:
        self.name, self._files, self._root = name, files, PurePosixPath(root)
        self._damaged: set[str] = set()

    def find(self, key: str) -> Manifest | None:
        """The manifest of a key's result, None if there is no result.

        Raises:
            PipelineError: it can't be asked.
        """
        with self._explained("read"):
            try:
                with self._open(f"results/{key}.json") as file:
                    return check_manifest(json.load(file), key)
            except (FileNotFoundError, ValueError):
                return None

    def listed(self) -> list[str]:
        """The keys of all results.

        Raises:
            PipelineError: it can't be asked.
        """
        with self._explained("read"):
            try:
                names = self._files.ls(str(self._root / "results"), detail=False)
            except (FileNotFoundError, NotADirectoryError):
                return []
        keys = (PurePosixPath(name).stem for name in names if name.endswith(".json"))
        return sorted(filter(is_digest, keys))

    def push(self, store: Store, manifest: Manifest) -> None:
        """Copy a result there unless it is there, and was not found to be damaged.

        Raises:
            PipelineError: it can't be written to.
        """
        if manifest["key"] not in self._damaged and self.find(manifest["key"]):
            return
        with self._explained("written to"):
            for name, path in walk(store.object(manifest["digest"])):
                place = f"objects/{manifest['digest']}/{name}"
                with path.open("rb") as source, self._open(place, "wb") as target:
                    shutil.copyfileobj(source, target)
            with self._open(f"results/{manifest['key']}.json", "wb") as file:
                file.write(json.dumps(manifest).encode())

    def pull(self, store: Store, manifest: Manifest) -> Manifest:
        """Copy a result from there. Needs the key's lock.

        Raises:
            PipelineError: it can't be read, or something else arrived than the manifest says.
        """
        folder = store.scratch(manifest["key"])
        try:
            for name in manifest["files"]:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                place = f"objects/{manifest['digest']}/{name}"
                with (folder / name).open("wb") as target:
                    for block in self._blocks(place):
                        target.write(block)
            damage = store.damage(manifest, folder)
            if damage or digest_tree(manifest["files"]) != manifest["digest"]:
                damage = damage or "the digests in its manifest contradict each other"
                raise PipelineError(f"{self.name}: {manifest['key'][:12]} is damaged: {damage}")
            return store.publish(manifest["key"], folder, manifest)
        except PipelineError:
            self._damaged.add(manifest["key"])
            raise
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _blocks(self, name: str) -> Iterator[bytes]:
        with self._explained("read"):
            file = self._open(name)
        with file:
            while True:
                with self._explained("read"):
                    block = file.read(_BLOCK)
                if not block:
                    return
                yield block

    def _open(self, name: str, mode: str = "rb") -> IO[bytes]:
        path = self._root / name
        if mode == "wb":
            with contextlib.suppress(FileExistsError, NotImplementedError):
                self._files.makedirs(str(path.parent), exist_ok=True)
        file: IO[bytes] = self._files.open(str(path), mode)
        return file

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise PipelineError(f"{self.name}: can't be {what} ({reason})") from error


def open_remote(address: str) -> Remote:
    """The place for results at an address.

    Raises:
        PipelineError: fsspec does not know such an address.
    """
    from fsspec.core import url_to_fs

    try:
        return Remote(address, *url_to_fs(address))
    except Exception as error:
        raise PipelineError(f"{address}: {error}") from error


def fetch_all(remote: Remote, store: Store) -> Iterator[Manifest]:
    """Copy all results from there that the store does not have.

    Raises:
        PipelineError: it can't be read, or a result is damaged there; all others have been copied.
    """
    store.make_writable()
    refused = []
    for key in remote.listed():
        with store.lock(key, lambda owner: None, lambda: None):
            here = store.find(key)
            if here and not store.damage(here):
                continue
            try:
                if (manifest := remote.find(key)) is None:
                    raise PipelineError(f"{remote.name}: {key[:12]} is damaged: its manifest")
                pulled = remote.pull(store, manifest)
            except PipelineError as error:
                refused.append(error)
            else:
                yield pulled
    if refused:
        more = f" (and {len(refused) - 1} others)" if len(refused) > 1 else ""
        raise PipelineError(f"{refused[0]}{more}. What was whole has been copied")


@contextmanager
def new_archive(path: Path) -> Iterator[Remote]:
    """An empty archive, which is at the path when all is in it.

    Raises:
        PipelineError: it can't be written.
    """
    from fsspec.implementations.zip import ZipFileSystem

    draft = draft_of(path)
    try:
        try:
            files = ZipFileSystem(str(draft), mode="w")
        except OSError as error:
            raise PipelineError(f"{path}: can't be written ({error.strerror or error})") from error
        yield Remote(str(path), files, "")
        files.close()
        files.of.close()
        draft.replace(path)
    finally:
        with contextlib.suppress(OSError):
            draft.unlink()


def open_archive(path: Path) -> Remote:
    """The archive at a path.

    Raises:
        PipelineError: there is none.
    """
    from zipfile import BadZipFile

    from fsspec.implementations.zip import ZipFileSystem

    try:
        return Remote(str(path), ZipFileSystem(str(path)), "")
    except (OSError, BadZipFile) as error:
        raise PipelineError(f"{path}: no archive of results ({error})") from error
