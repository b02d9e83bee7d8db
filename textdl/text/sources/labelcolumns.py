"""The columns that hold the labels, and what a row has in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from textdl.errors import InputError
from textdl.text.sources.columns import existing, label_column, listed
from textdl.text.sources.labelnames import is_minus_one, label_name

_MARKS = {"0": False, "false": False, "1": True, "true": True}


@dataclass(frozen=True)
class LabelColumns:
    """Where the labels of a table are.

    Attributes:
        names: the columns: none, one that holds the label or the list of labels, or, if ``marks``,
            one for every label, with 0 and 1.
        separator: what stands between the labels of a list that is written as a string.
    """

    names: tuple[str, ...] = ()
    marks: bool = False
    separator: str | None = None

    def __call__(self, cells: Sequence[Any]) -> Any:
        """The label, or the list of labels, that a row's cells in these columns mean; None where
        they mean none.

        Raises:
            InputError: a cell holds no mark.
        """
        if self.marks:
            return _marked(self.names, cells)
        if not cells or self.separator is None or not isinstance(cells[0], str):
            return cells[0] if cells else None
        parts = [part.strip() for part in cells[0].split(self.separator)]
        return None if is_minus_one(cells[0]) else [part for part in parts if part]


def label_columns(
    columns: Sequence[str], text: str, wanted: str | Sequence[str] | None, separator: str | None
) -> LabelColumns:
    """The columns that hold the labels.

    Args:
        columns: all columns.
        text: the one that holds the text.
        wanted: the user's ``label_column``: one of them, ``""`` for none, None to detect it, or a
            list of those that each tell of one label.
        separator: the user's ``label_separator``.

    Raises:
        InputError: a column does not exist or is named twice, several may be meant, or there is
            nothing to separate.
    """
    if separator == "":
        raise InputError("label_separator is empty. Set it to what stands between labels.")
    if wanted is None or isinstance(wanted, str):
        name = label_column(columns, text, wanted)
        if name is None and separator is not None:
            raise InputError("label_separator is set, and no column holds labels: remove it.")
        return LabelColumns(() if name is None else (name,), separator=separator)
    names = tuple(existing(name, columns, "label_column") for name in wanted)
    if separator is not None:
        raise InputError(
            "label_column is a list of columns with 0 and 1, in which label_separator has nothing "
            "to separate: leave one of them out."
        )
    if not names or len(set(names)) < len(names) or text in names:
        raise InputError(
            f"label_column is {listed(names) or 'an empty list'}: it must name each column that "
            'tells of a label once, and not that of the text. Set it to "" to read no labels.'
        )
    return LabelColumns(names, marks=True)


def _marked(names: Sequence[str], cells: Sequence[Any]) -> list[str] | None:
    """The names of the columns marked with 1, None if some are empty."""
    marks = []
    for name, cell in zip(names, cells, strict=True):
        mark = "" if cell is None or cell != cell else label_name(cell).lower()
        if mark and mark not in _MARKS:
            raise InputError(
                f"column {name!r} holds {cell!r}, and a column that tells of one label must hold 0 "
                "or 1. Leave it out of label_column."
            )
        marks.append(_MARKS.get(mark))
    if None in marks:
        return None
    return [name for name, mark in zip(names, marks, strict=True) if mark]
