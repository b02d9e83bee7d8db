"""Tables of any format: columns are chosen, rows become documents."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any, Protocol

from textdl.errors import InputError
from textdl.text.sources.collector import Collector
from textdl.text.sources.columns import (
    LABEL_NAMES,
    SPLIT_NAME,
    existing,
    known,
    listed,
    text_column,
)
from textdl.text.sources.labelcolumns import LabelColumns, label_columns
from textdl.text.sources.labels import Labels
from textdl.text.sources.splits import split_name


class Table(Protocol):
    """Rows with named columns, read from one file or one split.

    Attributes:
        where: the file or split, for errors.
        unit: what the numbers of the rows count: ``row`` or ``line``.
        columns: the type of each column; ``string`` is what can hold texts.
        class_names: the names of the labels 0, 1, … in the columns that declare them.
    """

    where: str
    unit: str
    columns: dict[str, str]
    class_names: dict[str, list[str]]

    def rows(self, names: list[str]) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """The number of each row, counted from 1, and its values in some columns."""
        ...


def read_tables(
    collector: Collector,
    tables: dict[str, list[Table]],
    text: str | None,
    label: str | Sequence[str] | None,
    separator: str | None = None,
) -> None:
    """Read the tables of each split.

    Args:
        collector: takes the documents.
        tables: at least one for each split. If there is no more than one in all and it has a
            column ``split``, this tells the split of each row.
        text: the column that holds the text, detected if None.
        label: the column that holds the label, detected if None, ``""`` for none; or a list of
            columns each of which tells of a label whether a document has it.
        separator: what stands between labels in a string.

    Raises:
        InputError: a table, a column or a value can't be used.
    """
    every = [table for parts in tables.values() for table in parts]
    columns = list(dict.fromkeys(name for table in every for name in table.columns))
    try:
        named = [label] if isinstance(label, str) else label or []
        text = text_column(_lengths(every[0], named, text), text, columns)
        labels = label_columns(columns, text, label, separator)
    except InputError as error:
        raise InputError(f"{every[0].where}: {error}") from error
    collector.labels = Labels(_class_names(every, labels), "".join(labels.names[:1]))
    told = list(labels.names) if labels.marks else "".join(labels.names) or None
    collector.info |= {"text_column": text, "label_column": told}
    if separator is not None:
        collector.info["label_separator"] = separator
    split_column = None
    if len(every) == 1 and every[0].columns.get(SPLIT_NAME) == "string":
        split_column = SPLIT_NAME
    if split_column is None:
        collector.choose(list(tables))
    for split, parts in tables.items():
        if split_column is None and not collector.begin(split):
            continue
        for table in parts:
            its = labels if _has_labels(table, parts, labels.names) else LabelColumns()
            _read(collector, table, _checked(table, text), its, split_column)


def _read(
    collector: Collector, table: Table, text: str, labels: LabelColumns, split: str | None
) -> None:
    names = [text, *labels.names, *([split] if split else [])]
    last = 1 + len(labels.names)
    for number, row in table.rows(names):
        if split is not None and not collector.begin(split_name(row[-1] or "train")):
            continue
        try:
            document = "" if row[0] is None else row[0]
            if not isinstance(document, str):
                raise InputError(
                    f"column {text!r} holds {document!r}, which is no text. Set text_column to "
                    f"another of {listed(list(table.columns))}."
                )
            collector.add(document, labels(row[1:last]))
        except InputError as error:
            raise InputError(f"{table.where}, {table.unit} {number}: {error}") from error


def _lengths(table: Table, labels: Collection[str], text: str | None) -> dict[str, float]:
    """The string columns that may hold the text, with the mean length of their first values."""
    names = [
        name
        for name, kind in table.columns.items()
        if kind == "string" and known(name) not in (*LABEL_NAMES, SPLIT_NAME)
        if name not in labels
    ]
    if text is not None or len(names) < 2:
        return dict.fromkeys(names, 0.0)
    rows = [row for _, row in islice(table.rows(names), 100)]
    return {
        name: sum(len(str(row[i] or "")) for row in rows) / max(len(rows), 1)
        for i, name in enumerate(names)
    }


def _checked(table: Table, text: str) -> str:
    """``text``, which must be a column of strings."""
    try:
        existing(text, list(table.columns), "text_column")
    except InputError as error:
        raise InputError(f"{table.where}: {error}") from error
    if table.columns[text] not in ("string", "null"):
        strings = [name for name, kind in table.columns.items() if kind == "string"]
        raise InputError(
            f"{table.where}: column {text!r} holds {table.columns[text]} and no texts. Set "
            f"text_column to a column of strings: {listed(strings) or 'there is none'}."
        )
    return text


def _has_labels(table: Table, parts: list[Table], names: Sequence[str]) -> bool:
    absent = [name for name in names if name not in table.columns]
    if not absent:
        return bool(names)
    if having := [part for part in parts if any(name in part.columns for name in names)]:
        unlike = f", unlike {having[0].where} of the same split" if having[0] is not table else ""
        raise InputError(
            f"{table.where} has no column {absent[0]!r}{unlike}. Add it, or set "
            'label_column = "" to read no labels.'
        )
    return False


def _class_names(tables: list[Table], labels: LabelColumns) -> list[str] | None:
    if labels.marks:
        return list(labels.names)
    label = "".join(labels.names)
    found: list[str] | None = None
    for table in tables:
        names = table.class_names.get(label)
        if names and found and names != found:
            raise InputError(
                f"{table.where}: column {label!r} names its labels {listed(names)}, but "
                f"{tables[0].where} names them {listed(found)}. They must be the same everywhere."
            )
        found = found or names
    return found
