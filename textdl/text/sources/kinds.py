"""What a file is: decided by its first bytes, the suffix only where these leave it open."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Literal

from textdl.errors import InputError
from textdl.text.sources.columns import LABEL_NAMES, TEXT_NAMES, known
from textdl.text.sources.reading import head

Kind = Literal["parquet", "table", "jsonl", "plain"]

SUFFIXES: dict[str, Kind] = {
    ".parquet": "parquet",
    ".csv": "table",
    ".tsv": "table",
    ".tab": "table",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".txt": "plain",
    ".text": "plain",
}
"""The suffixes of data files, before that of a compression."""

COMPRESSED = (".gz", ".bz2", ".xz", ".zst")

DELIMITERS = ("\t", ",", ";", "|")

_BINARY = {
    b"PK\x03\x04": "a zip archive (as .xlsx, .docx and .npz files are): unpack it",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"%PDF": "a PDF file: extract its text",
    b"\x93NUMPY": "a NumPy array",
    b"ARROW1": "an Arrow file: save it as Parquet",
    b"SQLite format 3": "an SQLite database: export the table as CSV",
    b"\x7fELF": "a program",
    b"\xd0\xcf\x11\xe0": "an old Microsoft Office document: save it as CSV",
    b"Rar!": "a RAR archive: unpack it",
    b"7z\xbc\xaf": "a 7z archive: unpack it",
    b"\xff\xfe": "UTF-16 text: convert it with `iconv -f UTF-16 -t UTF-8`",
    b"\xfe\xff": "UTF-16 text: convert it with `iconv -f UTF-16 -t UTF-8`",
    b"version https://git-lfs": "a Git LFS pointer and not the data: run `git lfs pull`",
}


def suffix(path: Path) -> str:
    """The suffix that tells the kind of a file, lower case: ``.tsv`` of ``train.TSV.gz``."""
    inner = path.with_suffix("") if path.suffix.lower() in COMPRESSED else path
    return inner.suffix.lower()


def kind(path: Path) -> Kind:
    """What a data file is.

    Raises:
        InputError: it is empty, binary, or can't be read.
    """
    start = head(path)
    if not start:
        raise InputError(f"{path} is empty.")
    if start.startswith(b"PAR1"):
        return "parquet"
    if suffix(path) == ".parquet" and not start.startswith(b"version https://git-lfs"):
        raise InputError(
            f"{path} is called .parquet but doesn't begin like a Parquet file. Download it again."
        )
    if (binary := _binary(start)) is not None:
        raise InputError(
            f"{path} is {binary}. textdl reads Parquet, CSV, TSV, JSONL and plain text."
        )
    text = start.decode("utf-8-sig", "ignore")
    hint = SUFFIXES.get(suffix(path))
    if hint in ("table", "jsonl"):
        return _checked_json(path, text) if hint == "jsonl" else hint
    if _is_object(text):
        return "jsonl"
    return "table" if _has_header(text) else "plain"


def _binary(start: bytes) -> str | None:
    for magic, name in _BINARY.items():
        if start.startswith(magic):
            return name
    if start[257:262] == b"ustar":
        return "a tar archive: unpack it with `tar -xf`"
    if start[0] == 0x80 and start[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return "a Python pickle, which can run any code when opened"
    return "not text: it has NUL bytes" if b"\0" in start else None


def _checked_json(path: Path, text: str) -> Kind:
    if text.lstrip().startswith("["):
        raise InputError(
            f"{path} is one JSON array. Write one object a line (JSONL), for instance with "
            "`jq -c '.[]'`."
        )
    return "jsonl"


def _is_object(text: str) -> bool:
    line = text.lstrip().partition("\n")[0]
    if not line.startswith("{"):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _has_header(text: str) -> bool:
    line = text.partition("\n")[0].rstrip("\r")
    for mark in DELIMITERS:
        names = [known(name) for name in line.split(mark)]
        if any(name in TEXT_NAMES for name in names) and any(name in LABEL_NAMES for name in names):
            return True
    return False


def delimiter(path: Path) -> str:
    """The character between the fields of a table: the suffix's if the header has it, else the
    one that is most frequent there.

    Raises:
        InputError: the file can't be read.
    """
    text = head(path).decode("utf-8-sig", "ignore").lstrip("\r\n")
    usual = "," if suffix(path) == ".csv" else "\t"
    counts = {}
    for mark in (usual, *DELIMITERS):
        header = next(csv.reader([text.partition("\n")[0]], delimiter=mark), [])
        counts[mark] = len(header) - 1
    return usual if counts[usual] else max(counts, key=lambda mark: counts[mark])
