"""Files as blocks, lines and texts: decompressed, checked for UTF-8, never wholly in memory."""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from textdl.errors import InputError

BLOCK = 1 << 20

COMPRESSIONS = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstandard",
}
"""The first bytes of a compressed file."""


def compression(path: Path) -> str | None:
    """The compression of a file, known by its first bytes."""
    with open_file(path) as file:
        head = file.read(6)
    return next((name for magic, name in COMPRESSIONS.items() if head.startswith(magic)), None)


def open_file(path: Path) -> IO[bytes]:
    """Open a file as it is.

    Raises:
        InputError: it can't be opened.
    """
    try:
        return path.open("rb")
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror}.") from error


def blocks(path: Path, size: int = BLOCK) -> Iterator[bytes]:
    """The decompressed bytes of a file, in blocks of at most ``size``.

    Raises:
        InputError: the file can't be read, or its compressed data are damaged.
    """
    packing = compression(path)
    with _decompressed(path, packing) as stream:
        position = 0
        while True:
            # Each format has its own errors: EOFError, OSError, zlib.error, LZMAError, ZstdError.
            try:
                block = stream.read(size)
            except Exception as error:
                raise _damaged(path, packing, position, error) from error
            if not block:
                return
            yield block
            position += len(block)


def _decompressed(path: Path, packing: str | None) -> Any:
    match packing:
        case "gzip":
            return gzip.open(path)
        case "bzip2":
            return bz2.open(path)
        case "xz":
            return lzma.open(path)
        case "zstandard":
            import smart_open

            try:
                return smart_open.open(str(path), "rb", compression=".zst")
            except ImportError as error:
                raise InputError(
                    f"{path} is compressed with zstandard: pip install 'smart_open[zst]'."
                ) from error
        case _:
            return open_file(path)


def _damaged(path: Path, packing: str | None, position: int, error: Exception) -> InputError:
    if packing is None:
        return InputError(f"{path} can't be read: {error}.")
    return InputError(
        f"{path}: the {packing} data are cut off or damaged behind byte {position:,} of the "
        f"decompressed text ({error}). Download or compress the file again."
    )


class Utf8Check:
    """Checks that blocks which follow each other are UTF-8 text.

    Args:
        path: the file to name in errors.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._position = 0
        self._line = 1

    def __call__(self, block: bytes, final: bool = False) -> None:
        """Check one block; ``final`` says that none follows.

        Raises:
            InputError: the text is not UTF-8 or has NUL bytes; names the byte and the line.
        """
        if (nul := block.find(0)) >= 0:
            line = self._line + block.count(b"\n", 0, nul)
            raise InputError(
                f"{self.path}, line {line}: there is a NUL byte at byte {self._position + nul:,}, "
                "so this is not text, or it is UTF-16. Convert UTF-16 with `iconv -f UTF-16 "
                "-t UTF-8`."
            )
        pending = len(self._decoder.getstate()[0])
        try:
            self._decoder.decode(block, final)
        except UnicodeDecodeError as error:
            at = error.start - pending
            line = self._line + block.count(b"\n", 0, max(at, 0))
            raise InputError(
                f"{self.path}, line {line}: byte {self._position + at:,} "
                f"(0x{error.object[error.start]:02x}) is not UTF-8. Convert the file first, for "
                "instance with `iconv -f ISO-8859-1 -t UTF-8` or `iconv -f GB18030 -t UTF-8`, "
                "whichever encoding it has."
            ) from error
        self._position += len(block)
        self._line += block.count(b"\n")


def text_blocks(path: Path) -> Iterator[bytes]:
    """The bytes of a text file, decompressed, without byte order mark, checked to be UTF-8.

    A block may begin and end within a character.

    Raises:
        InputError: see :func:`blocks` and :class:`Utf8Check`.
    """
    check, first = Utf8Check(path), True
    for block in blocks(path):
        check(block)
        yield block.removeprefix(codecs.BOM_UTF8) if first else block
        first = False
    check(b"", final=True)


def lines(path: Path) -> Iterator[str]:
    r"""The lines of a text file with their ends; only ``\n`` ends a line.

    Raises:
        InputError: see :func:`text_blocks`.
    """
    unfinished: list[bytes] = []
    for block in text_blocks(path):
        head, *rest = block.split(b"\n")
        unfinished.append(head)
        for part in rest:
            yield b"".join(unfinished).decode() + "\n"
            unfinished = [part]
    if last := b"".join(unfinished):
        yield last.decode()


def head(path: Path, size: int = 65536) -> bytes:
    """The first bytes of a file, decompressed; fewer where the rest is damaged.

    Raises:
        InputError: the file can't be read at all.
    """
    parts, left = [], size
    with suppress(StopIteration):
        stream = blocks(path, size)
        while left > 0:
            parts.append(next(stream))
            left -= len(parts[-1])
    return b"".join(parts)[:size]
