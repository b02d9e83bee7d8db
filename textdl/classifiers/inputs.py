"""Texts and labels as they come from outside, and labels as they go back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError


def checked_texts(texts: Sequence[str]) -> list[str]:
    """A list of the texts.

    Raises:
        InputError: they are no sequence of strings, or one can't be written as UTF-8.
    """
    if isinstance(texts, str):
        raise InputError("one text instead of a list of texts: write [text]")
    listable = isinstance(texts, Iterable) and not isinstance(texts, Mapping)
    if not listable or getattr(texts, "ndim", 1) != 1:
        shape = f" of shape {texts.shape}" if hasattr(texts, "shape") else ""
        raise InputError(f"a {type(texts).__name__}{shape} is no list of texts")
    listed = list(texts)
    for i, text in enumerate(listed):
        if not isinstance(text, str):
            raise InputError(f"text {i} is no string but {type(text).__name__}")
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise InputError(
                f"text {i} has half a character at {error.start} ({text[error.start]!r}): decode "
                "it again with errors='replace'"
            ) from error
    return listed


def label_numbers(
    labels: Sequence[str] | Sequence[Sequence[str]], names: list[str], *, several: bool
) -> NDArray[np.int64]:
    """Labels as indices into ``names``, int64 ``[documents]``, or, if a document may have
    ``several`` and each comes with a list of them, as 0 and 1 in ``[documents, classes]``.

    Raises:
        InputError: a label is none of the names, or not in a list though there may be several.
    """
    if isinstance(labels, str):
        raise InputError("one label instead of a list of labels: write [label]")
    if not isinstance(labels, Iterable):
        raise InputError(f"a {type(labels).__name__} is no list of labels")
    listed = list(labels)
    index = {name: i for i, name in enumerate(names)}
    rows = np.zeros((len(listed), len(names)), np.int64)
    for i, given in enumerate(listed):
        if several and (isinstance(given, str) or not isinstance(given, Iterable)):
            raise InputError(
                f"label {i} is {given!r}, and a text may have several: give a list for each"
            )
        for name in given if several else [given]:
            if not isinstance(name, str) or name not in index:
                raise InputError(
                    f"label {i}: {name!r} is none of the model's labels ({', '.join(names)})"
                )
            rows[i, index[name]] = 1
    return rows if several else np.asarray(rows.argmax(1), np.int64)


def label_names(numbers: NDArray[np.integer[Any]], names: list[str]) -> list[str] | list[list[str]]:
    """What :func:`label_numbers` made numbers of."""
    if numbers.ndim == 2:
        return [[names[i] for i in np.flatnonzero(row)] for row in numbers]
    return [names[i] for i in numbers.tolist()]


def numbered(y: Any) -> tuple[NDArray[Any], NDArray[np.int32]]:
    """The classes of scikit-learn's ``y``, and the labels as a corpus has them: int32 ``[n]``, or 0
    and 1 in ``[n, classes]``.

    Raises:
        InputError: there are no labels, they are of no usable kind, or all the same.
    """
    from sklearn.utils import column_or_1d
    from sklearn.utils.multiclass import type_of_target

    if isinstance(y, list | tuple):
        _check_alike(y)
    try:
        kind = type_of_target(y, input_name="y", raise_unknown=True)
        if one := kind in ("binary", "multiclass"):
            classes, numbers = np.unique(column_or_1d(y, warn=True), return_inverse=True)
    except (TypeError, ValueError) as error:  # Labels of several types have no order.
        raise InputError(f"the labels can't be used: {error}") from error
    if kind == "multilabel-indicator":
        matrix = np.asarray(y.toarray() if hasattr(y, "toarray") else y)
        if not np.isin(matrix, (0, 1)).all():
            raise InputError("labels of shape [n, classes] must be 0 and 1")
        return np.arange(matrix.shape[1]), matrix.astype(np.int32)
    if not one:
        raise InputError(
            f"Unknown label type: {kind}. Give each text a label, or a row of 0 and 1 for every "
            "label that there is"
        )
    if len(classes) < 2:
        raise InputError(
            f"{len(classes)} class: a classifier needs texts of at least two to tell apart"
        )
    for name in classes:
        try:
            str(name).encode()
        except UnicodeEncodeError:
            raise InputError(f"label {name!r} has half a character: name it otherwise") from None
    return classes, numbers.astype(np.int32)


def _check_alike(labels: Sequence[Any]) -> None:
    """Let no labels pass that numpy would make strings of, such as a missing one."""
    strings = [isinstance(label, str) for label in labels]
    for i, label in enumerate(labels):
        if isinstance(label, float) and math.isnan(label):
            raise InputError(f"label {i} is NaN: give that text a label, or leave it out")
        if strings[i] != strings[0]:
            raise InputError(
                f"the labels can't be used: label {i} is {label!r}, label 0 is {labels[0]!r}: give "
                "strings only, or whole numbers only"
            )
