"""Files from the network, kept on disk."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

from textdl.errors import InputError
from textdl.home import default_home
from textdl.progress import Progress, Silent
from textdl.vectors.sources.transfers import find_copy


def fetch(
    address: str,
    *,
    folder: Path | None = None,
    sha256: str | None = None,
    md5: str | None = None,
    size: int | None = None,
    progress: Progress | None = None,
) -> Path:
    """Download a file unless it is there already.

    It appears when it is complete and has the right size and checksum. What has come of it before
    an interruption is kept, and the next call goes on from there. Processes that want the same file
    wait for each other.

    Args:
        address: ``https://``, ``http://``, or one that smart_open knows: ``s3://``, ``gs://``, …
        folder: where files are kept; default ``vectors`` in ``$TEXTDL_HOME`` or
            ``~/.cache/textdl``.
        sha256, md5: what the file's checksum has to be, in hexadecimal.
        size: how many bytes it has to have.

    Raises:
        InputError: the address is wrong, the server can't be reached or has no such file, it is not
            the file that was expected, or it can't be written.
    """
    progress = progress or Silent()
    copy = find_copy(address)
    folder = _default_folder() if folder is None else folder
    path = folder / _file_name(address, sha256 or md5 or "")
    if _is_complete(path, size):
        return path
    part = path.with_name(f"{path.name}.part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(path, progress):
            if not _is_complete(path, size):
                copy(address, part, size, bool(sha256 or md5), progress)
                _verify(address, part, {"sha256": sha256, "md5": md5}, size)
                part.replace(path)
                _forget(part)
    except OSError as error:
        raise InputError(f"{folder}: can't be written to: {error.strerror or error}") from error
    return path


def _default_folder() -> Path:

    return default_home() / "vectors"


def _file_name(address: str, checksum: str) -> str:
    # A file with another checksum is another file.
    digest = hashlib.sha256(f"{address}\n{checksum.lower()}".encode()).hexdigest()[:12]
    last = unquote(urlsplit(address).path).rstrip("/").rpartition("/")[2]
    readable = Path(re.sub(r"[^\w.+-]+", "_", last, flags=re.ASCII)[-80:].strip(".") or "file")
    return f"{readable.stem}-{digest}{readable.suffix}"


def _is_complete(path: Path, size: int | None) -> bool:
    return path.is_file() and (size is None or path.stat().st_size == size)


@contextmanager
def _alone(path: Path, progress: Progress) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress.note(f"another process is downloading {path.name}; waiting for it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _verify(address: str, part: Path, checksums: dict[str, str | None], size: int | None) -> None:
    """Raise an InputError, and remove what has come, if it is not the file that was expected."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
        length = part.stat().st_size
        wrong = []
        if not length or (size is not None and length != size):
            wrong.append(f"has {length:,} bytes" + (f", not {size:,}" if size else ""))
        for name, expected in checksums.items():
            if expected and not wrong:
                file.seek(0)
                make = partial(hashlib.new, name, usedforsecurity=False)
                found = hashlib.file_digest(file, make).hexdigest()
                if found != expected.lower():
                    wrong.append(f"has the {name} {found}, not {expected}")
    if wrong:
        part.unlink()
        _forget(part)
        raise InputError(
            f"{address}: what came {wrong[0]}: it was changed or damaged, and is removed. Try "
            "again; if that does not help, the file on the server is another one now"
        )


def _forget(part: Path) -> None:
    part.with_name(f"{part.name}.version").unlink(missing_ok=True)
