"""Directions, ranks and paths among words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.vectors import search
from textdl.vectors.vectors import Vectors


def axis(
    vectors: Vectors, positive: str | Sequence[str], negative: str | Sequence[str]
) -> NDArray[np.float32]:
    """The direction from ``negative`` words to ``positive``, such as from poor, cheap to rich,
    costly: the difference of the means of their unit vectors, float32 ``[dim]``, of length 1
    (Kozlowski, Taddy & Evans 2019, "The Geometry of Culture").

    Raises:
        InputError: a side has no word, or both sides have the same mean.
        UnknownWordError: a word has no vector.
    """
    poles = [[words] if isinstance(words, str) else words for words in (positive, negative)]
    if not all(map(len, poles)):
        raise InputError("an axis needs at least one word on either side")
    up, down = (units(vectors, words).mean(0) for words in poles)
    length = np.linalg.norm(up - down)
    if length < 1e-6:
        raise InputError("an axis needs two sides that differ; these have the same mean")
    return np.asarray((up - down) / length, np.float32)


@overload
def project(  # type: ignore[overload-overlap]
    vectors: Vectors, words: str, axis: NDArray[np.float32]
) -> float: ...
@overload
def project(
    vectors: Vectors, words: Sequence[str], axis: NDArray[np.float32]
) -> NDArray[np.float32]: ...
def project(
    vectors: Vectors, words: str | Sequence[str], axis: NDArray[np.float32]
) -> float | NDArray[np.float32]:
    """Where a word stands on an axis, from -1 to 1: the cosine of its vector and the axis; for
    several words float32 ``[len(words)]`` ("semantic projection", Grand et al. 2022).

    Raises:
        InputError: the axis has another dimension.
        UnknownWordError: a word has no vector.
    """
    axis = np.asarray(axis, np.float32)
    if axis.shape != (vectors.dim,):
        raise InputError(f"an axis for these vectors has shape ({vectors.dim},), not {axis.shape}")
    axis = axis / (np.linalg.norm(axis) or 1)
    if isinstance(words, str):
        return float(units(vectors, [words])[0] @ axis)
    return np.asarray(units(vectors, words) @ axis, np.float32)


def between(vectors: Vectors, a: str, b: str, steps: int = 3) -> list[str]:
    """The words on the way from ``a`` to ``b``: the nearest to each of ``steps`` points that divide
    the arc between their unit vectors evenly. Neither ``a`` nor ``b``, and no word twice.

    Raises:
        InputError: there are not as many words, or the vectors point in opposite directions, which
            leaves the way open.
        UnknownWordError: a word has no vector.
    """
    taken = [row for row in map(vectors.words.find, {a, b}) if row >= 0]
    if not 0 <= steps <= len(vectors) - len(taken):
        raise InputError(f"between: steps is {steps}: there are {len(vectors) - len(taken)} words")
    ends = units(vectors, [a, b]).astype(np.float64)
    angle = np.arccos(np.clip(ends[0] @ ends[1], -1, 1))
    if np.pi - angle < 1e-3:
        raise InputError(f"between: {a!r} and {b!r} point in opposite directions")
    parts = np.arange(1, steps + 1)[:, None] / (steps + 1)
    # sinc keeps this defined where the angle is 0, as np.sinc(x) is sin(πx) / πx.
    weights = [part * np.sinc(part * angle / np.pi) for part in (1 - parts, parts)]
    points = (weights[0] * ends[0] + weights[1] * ends[1]) / np.sinc(angle / np.pi)
    found: list[str] = []
    near, _ = search.nearest(vectors, points.astype(np.float32), steps + len(taken))
    for rows in near.tolist():
        taken.append(next(row for row in rows if row not in taken))
        found.append(vectors.words[taken[-1]])
    return found


def odd_one_out(vectors: Vectors, words: Sequence[str]) -> str:
    """The word that is least similar to the mean of the words' unit vectors.

    Raises:
        InputError: there are fewer than three words.
        UnknownWordError: a word has no vector.
    """
    if isinstance(words, str) or len(words) < 3:
        raise InputError(f"odd_one_out: give a list of at least three words, not {words!r}")
    rows = units(vectors, words)
    return words[int((rows @ rows.mean(0)).argmin())]


def rank(vectors: Vectors, a: str, b: str) -> int:
    """Which of the neighbours of ``a`` is ``b``: 1 for the nearest.

    Raises:
        UnknownWordError: a word has no vector.
    """
    return len(_closer(vectors, a, b)[0]) + 1


def closer_than(vectors: Vectors, a: str, b: str) -> list[str]:
    """The words that are closer to ``a`` than ``b`` is, the nearest first.

    Raises:
        UnknownWordError: a word has no vector.
    """
    rows, scores = _closer(vectors, a, b)
    return [vectors.words[row] for row in rows[np.argsort(-scores, kind="stable")].tolist()]


def units(vectors: Vectors, words: Sequence[str]) -> NDArray[np.float32]:
    """The words' vectors at length 1, float32 ``[len(words), dim]``; a vector of zeros stays one.

    Raises:
        UnknownWordError: a word has no vector.
    """
    rows = vectors[list(words)]
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 0, norms, 1), np.float32)


def _closer(vectors: Vectors, a: str, b: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The rows closer to ``a`` than ``b`` is, and their cosines."""
    query, target = units(vectors, [a, b])
    scores = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), 65536):
        part = slice(start, start + 65536)
        scores[part] = (vectors.rows(part) @ query) * vectors.inverse_norms[part]
    own, its = map(vectors.words.find, (a, b))
    edge = scores[its] if its >= 0 else query @ target
    closer = np.flatnonzero(scores > edge)
    closer = closer[closer != own]
    return closer, scores[closer]
