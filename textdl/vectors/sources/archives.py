"""One file out of a zip or tar archive, as a stream."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from textdl.errors import InputError
from textdl.vectors.sources.decompression import Guarded, failure

_SHOWN = 20


class Member(NamedTuple):
    """A file in an archive: its name, its size, and what opens it."""

    name: str
    size: int
    open: Callable[[], io.RawIOBase]


def zip_member(path: Path, name: str | None) -> Member:
    """The file of this name in a zip archive, or its only file.

    Raises:
        InputError: it is not there, encrypted or packed in a rare way, several are there and none
            is named, or the archive is damaged.
    """
    with _reading(str(path)), zipfile.ZipFile(path) as archive:
        files = {info.filename: info for info in archive.infolist() if not info.is_dir()}
    info = files[_choose(str(path), files, name)]
    full = f"{path}!{info.filename}"
    if info.flag_bits & 1:
        raise InputError(f"{full}: is encrypted. Unpack it first, with `unzip` and its password")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError(
            f"{full}: is packed by method {info.compress_type}, which can't be read piece by "
            "piece. Unpack it first, with `unzip` or `7z x`"
        )

    def read() -> io.RawIOBase:
        # The archive stays open as long as its member.
        with _reading(full), zipfile.ZipFile(path) as archive:
            return Guarded(archive.open(info), full)

    return Member(info.filename, info.file_size, read)


def tar_member(archive: str, open_: Callable[[], IO[bytes]], name: str | None) -> Member:
    """The file of this name in a tar archive, or its only file; see :func:`zip_member`.

    Args:
        archive: its name, for messages.
        open_: opens it.
    """
    with open_() as stream, _reading(archive):
        sizes = {}
        for _, info in _tar_files(stream):
            sizes[info.name] = info.size
            if info.name == name:
                break
    chosen = _choose(archive, sizes, name)
    full = f"{archive}!{chosen}"

    def read() -> io.RawIOBase:
        stream = open_()
        try:
            with _reading(full):
                tar, info = next(pair for pair in _tar_files(stream) if pair[1].name == chosen)
                content = tar.extractfile(info)
                assert content is not None
        except InputError:
            stream.close()
            raise
        return _WithArchive(content, full, stream)

    return Member(chosen, sizes[chosen], read)


class _WithArchive(Guarded):
    """A member that closes the archive too."""

    def __init__(self, stream: IO[bytes], name: str, archive: IO[bytes]) -> None:
        super().__init__(stream, name)
        self._archive = archive

    def close(self) -> None:
        super().close()
        self._archive.close()


def _tar_files(stream: IO[bytes]) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    tar = tarfile.open(fileobj=stream, mode="r|")  # noqa: SIM115 - it holds no file of its own
    for info in tar:
        if info.isfile():
            yield tar, info


def _choose(archive: str, files: Iterable[str], name: str | None) -> str:
    # macOS adds a shadow to each file.
    names = [file for file in files if not file.startswith("__MACOSX/")]
    if name in names:
        return name
    if name is None and len(names) == 1:
        return names[0]
    if not names:
        raise InputError(f"{archive}: the archive holds no file")
    listed = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    if name is None:
        raise InputError(
            f"{archive}: holds {len(names):,} files. Name one, such as {archive}!{names[0]}; there "
            f"are {listed}"
        )
    raise InputError(f"{archive}: holds no file {name!r}; there are {listed}")


@contextmanager
def _reading(name: str) -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        raise failure(f"{name}: the archive is cut off or damaged", error) from error
