"""Local files and folders: what lies there, and which files belong to which split."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from textdl.errors import InputError
from textdl.text.sources.collector import Collector
from textdl.text.sources.columns import listed
from textdl.text.sources.delimited import DelimitedTable
from textdl.text.sources.folders import SHORT, find_tree
from textdl.text.sources.jsonl import JsonTable
from textdl.text.sources.kinds import COMPRESSED, SUFFIXES, Kind, kind, suffix
from textdl.text.sources.parquet import ParquetTable
from textdl.text.sources.plain import TextFile, natural, read_files, read_lines
from textdl.text.sources.splits import split_of
from textdl.text.sources.tables import Table, read_tables

DEPTH = 4
"""How many folders deep data files are looked for."""


@dataclass(frozen=True)
class Layout:
    """What a local dataset is made of: tables, text with a document a line, or one a file."""

    kind: Literal["tables", "lines", "files"]
    files: dict[str, list[TextFile]]

    def paths(self) -> list[Path]:
        return [file.path for files in self.files.values() for file in files]


def read_local(
    collector: Collector,
    path: Path,
    text_column: str | None = None,
    label_column: str | Sequence[str] | None = None,
    config: str | None = None,
    label_separator: str | None = None,
) -> None:
    """Read a file or a folder, whatever :func:`find_layout` finds there.

    Raises:
        InputError: nothing can be read there, or the settings don't fit.
    """
    layout = find_layout(path, config)
    collector.info = {"source": layout.kind}
    if layout.kind == "tables":
        tables = {
            split: [open_table(file.path) for file in files]
            for split, files in layout.files.items()
        }
        read_tables(collector, tables, text_column, label_column, label_separator)
        return
    if text_column is not None or label_column or label_separator:
        raise InputError(
            f"{path} is plain text and has no columns. Leave out text_column, label_column and "
            "label_separator."
        )
    (read_lines if layout.kind == "lines" else read_files)(collector, layout.files)


def open_table(path: Path) -> Table:
    """Open a file as the table it is.

    Raises:
        InputError: it is none, or damaged.
    """
    match kind(path):
        case "parquet":
            return ParquetTable(path)
        case "jsonl":
            return JsonTable(path)
        case "table":
            return DelimitedTable(path)
        case _:
            raise InputError(f"{path} is plain text, unlike the other files of the dataset.")


def find_layout(path: Path, config: str | None = None) -> Layout:
    """Which files make up a dataset, in which splits.

    A file is the split ``train``. In a folder the names of files and folders tell the splits:
    ``train.tsv``, ``data/test-00000-of-00001.parquet``, ``plain_text/train-….parquet``,
    ``train/0.parquet``; where no name does, all are ``train``. Files without a split beside files
    with one are left out. Parquet wins over other tables, tables over plain text.

    Args:
        path: the file or folder.
        config: the subfolder to read, where there are several with the same splits.

    Raises:
        InputError: the folder holds nothing to read, or several configurations.
    """
    if not path.is_dir():
        return Layout(_whole({kind(path)}), {"train": [TextFile(path)]})
    try:
        if tree := find_tree(path):
            return Layout("files", tree)
        found = sorted(_data_files(path, DEPTH), key=lambda file: natural(file.path))
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror}.") from error
    parquet = [file for file in found if suffix(file.path) == ".parquet"]
    tables = [file for file in found if SUFFIXES.get(suffix(file.path)) in ("table", "jsonl")]
    if not (chosen := parquet or tables or found):
        raise InputError(_nothing(path))
    splits = _by_split(path, _of_config(path, chosen, config))
    kinds = {kind(file.path) for files in splits.values() for file in files}
    return Layout(_whole(kinds), splits)


def _whole(kinds: set[Kind]) -> Literal["tables", "lines"]:
    return "lines" if kinds == {"plain"} else "tables"


def _data_files(folder: Path, depth: int) -> Iterator[TextFile]:
    for path in folder.iterdir():
        if path.name.startswith(".") or path.stem.upper() in ("README", "LICENSE"):
            continue
        if path.is_dir() and depth > 1:
            yield from _data_files(path, depth - 1)
        elif path.is_file():
            inner = suffix(path)
            if inner in (".neg", ".pos"):
                yield TextFile(path, SHORT[inner[1:]])
            elif inner in SUFFIXES and path.stem not in ("dataset_info", "dataset_infos"):
                yield TextFile(path)


def _of_config(root: Path, files: list[TextFile], config: str | None) -> list[TextFile]:
    configs = sorted({file.path.parent.relative_to(root).as_posix() for file in files})
    named = [name for name in configs if name != "." and split_of([*name.split("/")]) is None]
    if config is not None and config in named:
        return [file for file in files if file.path.parent == root / config]
    if len(named) > 1:
        raise InputError(
            f"{root} holds several configurations. Set config to one of {listed(named)}."
        )
    return files


def _by_split(root: Path, files: list[TextFile]) -> dict[str, list[TextFile]]:
    splits: dict[str, list[TextFile]] = {}
    for file in files:
        stem = file.path.name.partition(".")[0]
        folders = [parent.name for parent in file.path.relative_to(root).parents][:-1]
        if (split := split_of([stem, *folders])) is not None:
            splits.setdefault(split, []).append(file)
    return splits or {"train": files}


def _nothing(folder: Path) -> str:
    names = sorted(path.name for path in folder.iterdir())
    there = f"it has {listed(names)}" if names else "it is empty"
    return (
        f"{folder} holds no dataset: {there}. textdl reads Parquet, CSV, TSV, JSONL and .txt files "
        f"(also {', '.join(COMPRESSED)}) named after their splits, such as train.csv and test.csv, "
        "and folders of texts such as train/pos/1.txt."
    )
