"""Copying a file from the network to disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from textdl.errors import InputError
from textdl.progress import Progress

_BLOCK = 1 << 18
_EXTRAS = {
    "s3": "s3", "s3a": "s3", "s3n": "s3", "gs": "gcs", "azure": "azure", "sftp": "ssh",
    "ssh": "ssh", "scp": "ssh", "webhdfs": "webhdfs",
}  # fmt: skip

Copy = Callable[[str, Path, int | None, bool, Progress], None]


def find_copy(address: str) -> Copy:
    """What copies from an address of this kind.

    Raises:
        InputError: nothing does.
    """
    try:
        scheme = urlsplit(address).scheme
    except ValueError as error:
        raise InputError(f"{address}: is no address: {error}") from error
    if scheme in ("http", "https"):
        from textdl.vectors.sources.web import copy_http

        return copy_http
    if scheme in _EXTRAS:
        return copy_remote
    known = ", ".join(f"{name}://" for name in ("https", "http", *_EXTRAS))
    raise InputError(f"{address}: is no address of a kind that can be downloaded: {known}")


def copy_remote(
    address: str, part: Path, size: int | None, checked: bool, progress: Progress
) -> None:
    """Copy from a store that smart_open knows, such as ``s3://bucket/key``, from the beginning.

    Where S3 is and who asks is taken from ``AWS_ENDPOINT_URL``, ``AWS_PROFILE`` and so on.

    Raises:
        InputError: the package for this kind of store is missing, or the store does not give the
            file.
    """
    import smart_open

    extra = _EXTRAS[urlsplit(address).scheme]
    try:
        stream = smart_open.open(address, "rb", compression="disable")
    except ImportError as error:
        raise InputError(f"{address}: needs `pip install 'smart_open[{extra}]'`") from error
    # Each store has its own errors.
    except Exception as error:
        raise InputError(f"{address}: can't be opened: {error}") from error
    part.unlink(missing_ok=True)
    with stream:
        try:
            save(stream, part, 0, size, progress)
        except InputError:
            raise
        except Exception as error:
            raise InputError(f"{address}: can't be downloaded: {error}. Try again") from error


def save(stream: Any, part: Path, begin: int, total: int | None, progress: Progress) -> int:
    """Append the rest of a stream to what has come; returns how much that is."""
    free = shutil.disk_usage(part.parent).free
    if total is not None and total - begin > free:
        raise InputError(
            f"{part.parent}: {total - begin:,} bytes are to come, and there is room for {free:,}. "
            "Make room, or choose another place with the environment variable TEXTDL_HOME"
        )
    done = begin
    with part.open("ab") as file:
        while block := stream.read(_BLOCK):
            try:
                file.write(block)
            except OSError as error:
                raise InputError(f"{part}: can't be written: {error.strerror}") from error
            done += len(block)
            progress.update(done, max(done, total or 0), "bytes")
    return done
