"""Plain text: one document a line, or one document a file."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from textdl.text.sources.collector import Collector
from textdl.text.sources.reading import Utf8Check, open_file, text_blocks


@dataclass(frozen=True)
class TextFile:
    """A file of plain text, with the label of all that is in it."""

    path: Path
    label: str | None = None


def read_lines(collector: Collector, files: dict[str, list[TextFile]]) -> None:
    r"""Read files in which each line is a document, whatever its length.

    A line ends with ``\n`` or ``\r\n``. Blank lines are skipped.

    Args:
        collector: takes the documents.
        files: the files of each split.

    Raises:
        InputError: a file can't be read or is not UTF-8.
    """
    for split in collector.choose(list(files)):
        collector.begin(split)
        for file in files[split]:
            _read_lines(collector, file)


def _read_lines(collector: Collector, file: TextFile) -> None:
    blank, held = True, b""
    for piece, ends in _pieces(text_blocks(file.path)):
        if blank and not piece.strip():
            held += piece
        else:
            collector.write(held + piece if held else piece)
            blank, held = False, b""
        if ends:
            if not blank:
                collector.end(file.label)
            blank, held = True, b""


def _pieces(blocks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Pieces of lines without their ends, and whether the line ends behind them."""
    carriage_return = b""
    for block in blocks:
        block = carriage_return + block
        carriage_return = b"\r" if block.endswith(b"\r") else b""
        *finished, rest = block.removesuffix(b"\r").split(b"\n")
        for piece in finished:
            yield piece.removesuffix(b"\r"), True
        if rest:
            yield rest, False
    yield b"", True


def read_files(collector: Collector, files: dict[str, list[TextFile]]) -> None:
    """Read files each of which is a document.

    Args:
        collector: takes the documents.
        files: the files of each split.

    Raises:
        InputError: a file can't be read or is not UTF-8.
    """
    for split in collector.choose(list(files)):
        collector.begin(split)
        for file in files[split]:
            with open_file(file.path) as source:
                data = source.read()
            Utf8Check(file.path)(data, final=True)
            collector.add(data.removeprefix(codecs.BOM_UTF8).decode(), file.label)


def natural(path: Path) -> list[tuple[int, str]]:
    """Sorts paths by the numbers in their names: ``2_9.txt`` comes before ``10_3.txt``."""
    words = re.split(r"(\d+)", path.as_posix())
    return [(int(word), "") if word.isdecimal() else (0, word) for word in words]
