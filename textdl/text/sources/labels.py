"""Labels of any kind become numbers with names, the same over all splits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.text.documents import UNLABELLED
from textdl.text.sources.columns import known, listed
from textdl.text.sources.labelnames import are_numbers, is_minus_one, label_name, natural_order

SENTIMENT = ("negative", "positive")
"""The names of 0 and 1 in a column that is called as below and has no other labels."""
SENTIMENT_COLUMNS = ("label", "labels", "sentiment")

MOST = 10_000
"""More different labels than this are not classes."""


class Labels:
    """Numbers labels as they arrive and names them when all have been seen.

    Whole numbers and strings that hold one (``1``, ``"1"``, ``1.0``) are the same label. ``None``,
    nan, -1 and the empty string mean that there is none. A list holds all labels of a document, of
    which there may be none; then every set of labels gets a number.

    Args:
        class_names: the names of the labels, if the dataset declares them: a label is then one
            of them or an index into them. Otherwise numbers keep their decimal digits as names, in
            numerical order, and strings are their own names, in alphabetical order. Only 0 and 1
            in a column called ``label`` or ``sentiment`` become :data:`SENTIMENT`.
        column: where the labels come from.
    """

    def __init__(self, class_names: list[str] | None = None, column: str = "") -> None:
        self.class_names = class_names
        self.column = column
        self._several: bool | None = None
        self._numbers: dict[str, int] = {}
        self._sets: dict[tuple[int, ...], int] = {}
        self._seen: dict[str, dict[tuple[type, Any], int]] = {}

    def number(self, value: Any, split: str) -> int:
        """The number of a label, or of a list of them, for now; -1 where there is none.

        Raises:
            InputError: this is no label, or a list where others are none, or the other way round.
                The message doesn't know the file and the line.
        """
        seen = self._seen.setdefault(split, {})
        several = isinstance(value, list)
        number = self._set(value, seen) if several else self._number(value, seen)
        if number != UNLABELLED and self._several != several:
            if self._several is not None:
                this, others = ("a list", "none") if several else ("no list", "lists")
                raise InputError(
                    f"{value!r} is {this}, and the labels before it are {others}: write a list for "
                    "every document, or for none."
                )
            self._several = several
        return number

    def _set(self, values: list[Any], seen: dict[tuple[type, Any], int]) -> int:
        numbers = {self._number(value, seen) for value in values}
        if UNLABELLED in numbers:
            raise InputError(
                f"{values!r} holds what is no label. Leave it out of the list, or write null "
                "instead of the list if the document's labels are not known."
            )
        if len(numbers) < len(values) and {*map(label_name, values)} <= {"0", "1"}:
            raise InputError(
                f"{values!r} looks like a 0 or 1 for every label, and a list must hold the labels "
                "themselves. Write these, or give every label a column of its own and name all of "
                "these in label_column."
            )
        return self._sets.setdefault(tuple(sorted(numbers)), len(self._sets))

    def _number(self, value: Any, seen: dict[tuple[type, Any], int]) -> int:
        if value is None or value != value:
            return UNLABELLED
        key = (type(value), value)
        try:
            return seen[key]
        except KeyError:
            seen[key] = self._new(value)
            return seen[key]
        except TypeError:
            raise InputError(f"a label can't be a {type(value).__name__}.") from None

    def _new(self, value: Any) -> int:
        name = label_name(value)
        if not name:
            return UNLABELLED
        if self.class_names is not None:
            if isinstance(value, str) and value in self.class_names:
                return self.class_names.index(value)
            if name.isdecimal() and int(name) < len(self.class_names):
                return int(name)
            raise InputError(f"label {name!r} is none of the {len(self.class_names)} classes.")
        if len(self._numbers) == MOST and name not in self._numbers:
            raise InputError(
                f"column {self.column!r} has more than {MOST:,} different values, so it holds no "
                'classes. Set label_column to the one that does, or to "" to read no labels.'
            )
        return self._numbers.setdefault(name, len(self._numbers))

    def finish(self) -> tuple[list[str], NDArray[np.int32] | None]:
        """The names, and the final number of each label that was numbered, or, if a document may
        have several, a row of 0 and 1 for each set of labels.

        Raises:
            InputError: the splits don't have the same kind of labels or the same labels.
        """
        names, relabel = self._finish()
        if not self._several:
            return names, relabel
        if not names:
            raise InputError("every list of labels is empty.")
        rows = np.zeros((len(self._sets), len(names)), np.int32)
        for row, numbers in zip(rows, self._sets, strict=True):
            its = np.array(numbers, np.int64)
            row[its if relabel is None else relabel[its]] = 1
        return names, rows

    def _finish(self) -> tuple[list[str], NDArray[np.int32] | None]:
        if self.class_names is not None:
            return self.class_names, None
        names = sorted(self._numbers, key=natural_order(list(self._numbers)))
        splits = {split: self._names(split) for split in self._seen}
        labelled = {split: found for split, found in splits.items() if found}
        _check_splits(labelled)
        relabel = np.empty(len(names), np.int32)
        for i, name in enumerate(names):
            relabel[self._numbers[name]] = i
        if self._several:
            return names, relabel
        self._check_minus(names)
        if names == ["0", "1"] and known(self.column) in SENTIMENT_COLUMNS:
            names = list(SENTIMENT)
        return names, relabel

    def _names(self, split: str) -> list[str]:
        by_number = list(self._numbers)
        found = {by_number[i] for i in self._seen[split].values() if i != UNLABELLED}
        return sorted(found, key=natural_order(list(found)))

    def _check_minus(self, names: list[str]) -> None:
        for split, seen in self._seen.items():
            if names == ["1"] and any(is_minus_one(value) for _, value in seen):
                raise InputError(
                    f"the labels of split {split!r} are -1 and 1, and -1 means that a document "
                    "has no label. Write 0 instead of -1 for negative documents."
                )


def _check_splits(labelled: dict[str, list[str]]) -> None:
    if not labelled:
        return
    first = "train" if "train" in labelled else next(iter(labelled))
    for split, names in labelled.items():
        if are_numbers(names) != are_numbers(labelled[first]):
            raise InputError(
                f"the labels of split {first!r} are {listed(labelled[first])}, those of split "
                f"{split!r} are {listed(names)}: one split has numbers and the other has names. "
                "Write the same labels in both, or leave one out with splits."
            )
    for split, names in labelled.items():
        if foreign := [name for name in names if name not in labelled[first]]:
            raise InputError(
                f"split {split!r} has labels that split {first!r} lacks: {listed(foreign)}; "
                f"{first!r} has {listed(labelled[first])}. Write the same labels in both, or leave "
                "one split out with splits."
            )
