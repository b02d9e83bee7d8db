"""Where the bytes of a file of vectors come from: the file itself, decompressed, or an archive's
member. What is there tell its first bytes, not its name."""

from __future__ import annotations

import io
import stat
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from textdl.errors import InputError
from textdl.vectors.sources.archives import tar_member, zip_member
from textdl.vectors.sources.decompression import Decompressed, Guarded, compression

BUFFER = 1 << 18

_LAYERS = 6
_HEAD = 512


@dataclass(frozen=True)
class Source:
    """Bytes that can be read from the beginning, as often as one likes.

    Attributes:
        name: the file (``archive!member``), for messages.
        open: a new stream of the bytes, unpacked. What goes wrong while it is read is an InputError
            that names the file.
        path: the file that holds just these bytes, which can be memory-mapped; None if they are
            packed.
        size: how many bytes there are; None if that shows only in the end.
    """

    name: str
    open: Callable[[], IO[bytes]]
    path: Path | None = None
    size: int | None = None

    def peek(self, size: int) -> bytes:
        """The first bytes; fewer if there are no more.

        Raises:
            InputError: they are damaged, or can't be read.
        """
        with self.open() as stream:
            return stream.read(size)


def find_source(path: Path, member: str | None = None) -> Source:
    """Unpack a file as far as it is packed: gzip, bzip2, xz, lzma and Zstandard, zip and tar, also
    one within the other. Nothing is written, and memory does not depend on the size.

    Args:
        path: the file; ``archive.zip!member`` names a member too.
        member: which of an archive's files is meant, if it holds several.

    Raises:
        InputError: there is no such file or member, an archive holds several files and none is
            named, or something is empty, encrypted, cut off or damaged.
    """
    path, member = _locate(path, member)
    source = Source(str(path), partial(_open_file, path), path, path.stat().st_size)
    for _ in range(_LAYERS):
        head = source.peek(_HEAD)
        if not head:
            raise InputError(f"{source.name}: is empty")
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            if source.path is None:
                raise InputError(
                    f"{source.name}: a zip archive within a compressed file or another archive "
                    "can't be read. Unpack the outer one first"
                )
            source, member = _member(source, *zip_member(source.path, member)), None
        elif head[257:262] == b"ustar":
            source, member = _member(source, *tar_member(source.name, source.open, member)), None
        elif packing := compression(head):
            source = Source(source.name, partial(_decompress, source, packing))
        elif member is not None:
            raise InputError(
                f"{source.name}: is neither a zip nor a tar archive, so there is no member "
                f"{member!r}"
            )
        else:
            return source
    raise InputError(f"{path}: is packed more than {_LAYERS} times over. Unpack it first")


def _locate(path: Path, member: str | None) -> tuple[Path, str | None]:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        parts = str(path).split("!")
        for i in range(1, len(parts) if member is None else 1):
            archive = Path("!".join(parts[:i]))
            if archive.is_file():
                return _locate(archive, "!".join(parts[i:]))
        raise InputError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: can't be read: {_reason(error)}") from error
    if stat.S_ISDIR(status.st_mode):
        raise InputError(f"{path}: is a folder. Name a file in it")
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{path}: is no ordinary file, and can be read once only. Save it first")
    if not status.st_size:
        raise InputError(f"{path}: is empty")
    return path, member


def _open_file(path: Path) -> IO[bytes]:
    try:
        file = path.open("rb", buffering=0)
    except OSError as error:
        raise InputError(f"{path}: can't be read: {_reason(error)}") from error
    return io.BufferedReader(Guarded(file, str(path)), BUFFER)


def _decompress(source: Source, packing: str) -> IO[bytes]:
    return io.BufferedReader(Decompressed(source.open(), source.name, packing), BUFFER)


def _member(archive: Source, member: str, size: int, open_: Callable[[], io.RawIOBase]) -> Source:
    def read() -> IO[bytes]:
        return io.BufferedReader(open_(), BUFFER)

    return Source(f"{archive.name}!{member}", read, size=size)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
