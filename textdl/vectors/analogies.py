"""Analogies: a is to b as c is to what?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.vectors import search

if TYPE_CHECKING:
    from textdl.vectors.vectors import Vectors

Rows = NDArray[np.float32]
Method = Literal["add", "mul", "pair"]

EPSILON = 1e-6
"""What keeps 3CosMul from dividing by zero; gensim's."""


def analogies(
    vectors: Vectors,
    a: Rows,
    b: Rows,
    c: Rows,
    top: int,
    method: Method,
    *,
    skip: Sequence[Sequence[int]],
    among: NDArray[np.int64] | None,
) -> search.Found:
    """The best answers to many questions, by one of the methods of :meth:`Vectors.analogy`.

    Args:
        a, b, c: float32 ``[questions, dim]``, unit vectors.
        skip: rows that are no answer, for each question.
        among: only these rows, ascending; default all.

    Raises:
        InputError: there is no such method, or ``top`` is no number of words.
    """
    if method not in get_args(Method):
        raise InputError(f"method {method!r}: there are {', '.join(get_args(Method))}")
    search.check_top(top)
    if method == "add":
        query = b - a + c
        norms = np.linalg.norm(query, axis=1, keepdims=True)
        query /= np.where(norms > 0, norms, 1)
        return search.nearest(vectors, query, top, skip=skip, among=among)
    score = _products(a, b, c) if method == "mul" else _directions(a, b, c)
    return search.best(vectors, len(a), top, score, skip=skip, among=among)


def _products(a: Rows, b: Rows, c: Rows) -> search.Score:
    def score(rows: Rows, inverse: Rows) -> Rows:
        to_a, to_b, to_c = (
            (1 + (unit @ rows.T) * inverse) / 2 for unit in (a, b, c)
        )  # cosines from 0 to 1
        return np.asarray(to_b * to_c / (to_a + EPSILON), np.float32)

    return score


def _directions(a: Rows, b: Rows, c: Rows) -> search.Score:
    step = b - a
    step = step / np.maximum(np.linalg.norm(step, axis=1, keepdims=True), EPSILON)

    def score(rows: Rows, inverse: Rows) -> Rows:
        along = (step @ rows.T) * inverse - np.einsum("ij,ij->i", step, c)[:, None]
        # |x - c|² of unit vectors, or of x alone where it has no length
        apart = (inverse > 0) + 1 - 2 * (c @ rows.T) * inverse
        return np.asarray(along / np.sqrt(np.maximum(apart, EPSILON)), np.float32)

    return score
