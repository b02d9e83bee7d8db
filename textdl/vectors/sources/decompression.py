"""Streams that say what is wrong with a file in the middle of reading it."""

from __future__ import annotations

import bz2
import importlib
import io
import lzma
import sys
import zlib
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any, Protocol

from textdl.errors import InputError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CHUNK = 1 << 16


def failure(what: str, error: Exception) -> InputError:
    """The error for ``what`` can't be read: a sentence without its end."""
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return InputError(f"{what} ({reason}). Download or copy the file again")


class Guarded(io.RawIOBase):
    """Another stream, whose failures are InputErrors.

    Args:
        stream: gives bytes through ``readinto``, and is closed with this one.
        name: what to call it in messages.
    """

    def __init__(self, stream: io.IOBase | IO[bytes], name: str) -> None:
        self._stream: Any = stream
        self._name = name
        self._taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        try:
            taken = int(self._stream.readinto(buffer))
        except InputError:
            raise
        # Archives have errors of many kinds: BadZipFile, TarError, zlib.error, EOFError, OSError.
        except Exception as error:
            where = f"{self._name}: can't be read behind byte {self._taken:,}"
            raise failure(where, error) from error
        self._taken += taken
        return taken

    def close(self) -> None:
        self._stream.close()
        super().close()


class Decompressor(Protocol):
    """Decompresses one stream; bz2's, lzma's and zstd's are of this form."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class Decompressed(io.RawIOBase):
    """The content of compressed data: of all streams that follow each other, with zeros between.

    Args:
        stream: the compressed data; closed with this one.
        name: what to call them in messages.
        packing: a key of :data:`DECOMPRESSORS`.
    """

    def __init__(self, stream: IO[bytes], name: str, packing: str) -> None:
        self._stream = stream
        self._name = f"{name}: the {packing} data are"
        self._make = DECOMPRESSORS[packing]
        self._part: Decompressor | None = None
        self._padding = b""  # none before the first stream
        self._rest = b""
        self._taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        while view and (part := self._part or self._next_part()):
            if found := self._decompress(part, len(view)):
                view[: len(found)] = found
                return len(found)
        return 0

    def close(self) -> None:
        self._stream.close()
        super().close()

    def _take(self) -> bytes:
        data = self._stream.read(_CHUNK)
        self._taken += len(data)
        return data

    def _next_part(self) -> Decompressor | None:
        self._rest = self._rest.lstrip(self._padding)
        while not self._rest:
            data = self._take()
            if not data:
                return None
            self._rest = data.lstrip(self._padding)
        self._part, self._padding = self._make(), b"\0"
        return self._part

    def _decompress(self, part: Decompressor, most: int) -> bytes:
        hungry, data = part.needs_input, b""
        if hungry:
            data, self._rest = self._rest or self._take(), b""
        try:
            found = part.decompress(data, most)
        except Exception as error:
            raise failure(f"{self._name} damaged before byte {self._taken:,}", error) from error
        if part.eof:
            self._part, self._rest = None, part.unused_data
        elif hungry and not data and not found:
            raise InputError(
                f"{self._name} cut off at byte {self._taken:,}. Download or copy the file again"
            )
        return found


class _Gzip:
    """zlib's decompressor in the form of the others."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self._tail = b""

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        return not self._tail

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        found = self._inflate.decompress(self._tail + data, max_length)
        self._tail = self._inflate.unconsumed_tail
        return found


def _zstandard() -> Decompressor:
    module = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
    try:
        made: Decompressor = importlib.import_module(module).ZstdDecompressor()
    except ImportError as error:
        raise InputError(
            "files compressed by zstandard need `pip install backports.zstd`; or decompress them "
            "with `zstd -d`"
        ) from error
    return made


DECOMPRESSORS: dict[str, Callable[[], Decompressor]] = {
    "gzip": _Gzip,
    "bzip2": bz2.BZ2Decompressor,
    "xz": lzma.LZMADecompressor,
    "lzma": lzma.LZMADecompressor,
    "zstandard": _zstandard,
}


def compression(head: bytes) -> str | None:
    """How data are compressed that begin with these bytes: a key of :data:`DECOMPRESSORS`."""
    if head.startswith(b"\x1f\x8b\x08"):
        return "gzip"
    # Behind BZh comes the size of blocks, then the first block, or the end if there is none.
    if head.startswith(b"BZh") and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return "bzip2"
    if head.startswith(b"\xfd7zXZ\x00"):
        return "xz"
    if head.startswith(b"\x28\xb5\x2f\xfd") or (head[1:4] == b"\x2a\x4d\x18" and head[0] >> 4 == 5):
        return "zstandard"
    return "lzma" if _is_lzma(head) else None


def _is_lzma(head: bytes) -> bool:
    # It has no magic number but its usual parameters; then come the size of the dictionary, 2^n or
    # 3·2^n, and that of the content, or -1.
    dictionary, size = (int.from_bytes(head[a:b], "little") for a, b in ((1, 5), (5, 13)))
    usual = dictionary >= 4096 and dictionary & (dictionary - 1) in (0, dictionary // 3 * 2)
    return head.startswith(b"\x5d") and usual and (size < 1 << 40 or size == (1 << 64) - 1)
