"""Several tables of vectors made one, and one made smaller."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.settings import Unchecked, checked
from textdl.vectors.unknown import kept_policy
from textdl.vectors.vectors import Vectors

BLOCK = 65536
"""Rows that are copied at a time."""


class Gathered(NamedTuple):
    """Vectors of given words.

    Attributes:
        matrix: float32 ``[words, dim]``, zeros where a word has none.
        rows: int64 ``[words]``, the words' rows, -1 where a word has none.
        found: bool ``[words]``, whether a word has a vector, from a row or composed.
    """

    matrix: NDArray[np.float32]
    rows: NDArray[np.int64]
    found: NDArray[np.bool_]


def gather(vectors: Vectors, words: Sequence[str]) -> Gathered:
    """The vectors of words, composed where a word has no row."""
    rows = vectors.words.find_all(words)
    matrix = np.zeros((len(rows), vectors.dim), np.float32)
    for here, there in _blocks(rows):
        matrix[here] = vectors.rows(there)
    found = rows >= 0
    if vectors.composition is not None:
        for i in np.flatnonzero(~found).tolist():
            vector = vectors.composition.compose(words[i], vectors.words.find, vectors.matrix)
            if vector is not None:
                matrix[i], found[i] = vector, True
    return Gathered(matrix, rows, found)


@checked
def merge(
    first: Vectors, *others: Vectors, on_conflict: Literal["first", "mean", "error"] = "first"
) -> Vectors:
    """One table with the words of all, in the order of the tables.

    For vectors of one space: trained together, or brought together by `align`. A word in several
    tables keeps the vector of the first of them, or gets the mean; its count is the largest, if
    all tables have counts. Only words with a row are there: nothing is composed.

    Raises:
        InputError: the dimensions differ, or ``on_conflict`` is "error" and a word is in several.
    """
    tables = (first, *others)
    for i, table in enumerate(others, 2):
        if table.dim != first.dim:
            raise InputError(
                f"merge: table {i} has dim {table.dim}, the first {first.dim}: "
                "reduce the larger, or concatenate them"
            )
    words = list(dict.fromkeys(chain.from_iterable(table.words for table in tables)))
    rows = [table.words.find_all(words) for table in tables]
    holders = np.sum([its >= 0 for its in rows], axis=0)
    if on_conflict == "error" and (holders > 1).any():
        shared = np.flatnonzero(holders > 1)
        shown = ", ".join(repr(words[i]) for i in shared[:3].tolist())
        raise InputError(
            f"merge: {len(shared):,} words are in several tables, such as {shown}: "
            "choose on_conflict 'first' or 'mean'"
        )
    matrix = np.zeros((len(words), first.dim), np.float32)
    for table, its in zip(reversed(tables), reversed(rows), strict=True):
        for here, there in _blocks(its):
            if on_conflict == "mean":
                matrix[here] += table.rows(there)
            else:
                matrix[here] = table.rows(there)
    if on_conflict == "mean":
        matrix /= holders[:, None].astype(np.float32)
    info = joint_info("merge", tables, on_conflict=on_conflict)
    return Vectors(words, matrix, _largest_counts(tables, rows), info)


@checked
def concatenate(
    *parts: Vectors, words: Literal["common", "all"] = "common", normalize: bool = True
) -> Vectors:
    """Meta-embeddings: the tables' vectors of a word side by side (Yin & Schütze 2016, "Learning
    Word Meta-Embeddings"). Words that are in all tables, or in any; then zeros take the place of
    what is missing. In the order of the tables.

    Args:
        normalize: take unit vectors, so that each table has the same weight in a cosine.

    Raises:
        InputError: there are no parts, or no word is in all of them.
    """
    if not parts:
        raise InputError("concatenate what? Give at least one table of vectors")
    chosen = list(dict.fromkeys(chain.from_iterable(part.words for part in parts)))
    rows = [part.words.find_all(chosen) for part in parts]
    if words == "common":
        common = np.flatnonzero(np.min(rows, axis=0) >= 0)
        if not len(common):
            raise InputError("concatenate: no word is in all tables; words='all' takes any")
        chosen, rows = [chosen[i] for i in common.tolist()], [its[common] for its in rows]
    matrix = np.zeros((len(chosen), sum(part.dim for part in parts)), np.float32)
    start = 0
    for part, its in zip(parts, rows, strict=True):
        columns = slice(start, start + part.dim)
        for here, there in _blocks(its):
            matrix[here, columns] = part.rows(there)
            if normalize:
                matrix[here, columns] *= part.inverse_norms[there, None]
        start += part.dim
    info = joint_info("concatenate", parts, words=words, normalize=normalize)
    return Vectors(chosen, matrix, _largest_counts(parts, rows), info)


@checked
def subset(
    vectors: Vectors,
    words: Annotated[Sequence[str], Unchecked],
    *,
    missing: Literal["error", "skip"] = "error",
) -> Vectors:
    """The vectors of given words, in their order, each once.

    A word without a row is composed if ``vectors`` can, with count 0; the result composes none.
    Other answers for unknown words stay with the result, and make no rows.

    Raises:
        UnknownWordError: a word has no vector and is not to be skipped.
    """
    if isinstance(words, str):
        raise InputError(f"subset: words is the string {words!r}: give a list of words")
    distinct = list(dict.fromkeys(words))
    matrix, rows, found = gather(vectors, distinct)
    if not found.all():
        if missing == "error":
            vectors.row(distinct[int(np.argmin(found))])  # Raises.
        matrix, rows = matrix[found], rows[found]
        distinct = [distinct[i] for i in np.flatnonzero(found).tolist()]
    info = derived_info("subset", vectors, words=len(distinct))
    unknown = kept_policy(vectors.unknown, None)
    counts = _largest_counts([vectors], [rows])
    return Vectors(distinct, matrix, counts, info, unknown=unknown)


def derived_info(operation: str, vectors: Vectors, **settings: Any) -> dict[str, Any]:
    """What ``vectors`` say of themselves, with one more entry in the list ``"operations"``."""
    past = vectors.info.get("operations", [])
    return {**vectors.info, "operations": [*past, {"operation": operation, **settings}]}


def joint_info(operation: str, tables: Sequence[Vectors], **settings: Any) -> dict[str, Any]:
    """An operation that made one table of several, and what these say of themselves."""
    of = [table.info for table in tables]
    return {"operations": [{"operation": operation, **settings, "of": of}]}


def _blocks(
    rows: NDArray[np.int64],
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Positions of rows that are not -1, and these rows, some at a time."""
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        present = np.flatnonzero(block >= 0)
        yield start + present, block[present]


def _largest_counts(
    tables: Sequence[Vectors], rows: Sequence[NDArray[np.int64]]
) -> NDArray[np.int64] | None:
    """The largest count of each word in any table; None if a table has none."""
    largest = np.zeros(len(rows[0]), np.int64)
    for table, its in zip(tables, rows, strict=True):
        if table.counts is None:
            return None
        for here, there in _blocks(its):
            largest[here] = np.maximum(largest[here], table.counts[there])
    return largest
