"""Affine maps of a table of vectors: fewer dimensions, less common direction, another space.

Every result is a new table of the same words and counts. Words that are composed of n-grams or
pieces still are: the parts are mapped too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.settings import Unchecked, checked
from textdl.vectors.combining import BLOCK, derived_info
from textdl.vectors.composition import Composition
from textdl.vectors.pieces import PieceComposition
from textdl.vectors.subwords import SubwordComposition
from textdl.vectors.unknown import kept_policy
from textdl.vectors.vectors import Vectors

ANCHORS = 20_000
"""How many common words two tables are aligned by."""


@checked
def reduce(vectors: Vectors, dim: Annotated[int, Ge(1)]) -> Vectors:
    """The vectors on their first ``dim`` principal components, centred. The largest weight of a
    component is positive, so that the same table gives the same result.

    Raises:
        InputError: the vectors have fewer dimensions, or there are none.
    """
    if dim > vectors.dim:
        raise InputError(f"reduce: dim is {dim}, but the vectors have only {vectors.dim}")
    mean, components = _principal(vectors)
    info = derived_info("reduce", vectors, dim=dim)
    return _mapped(vectors, mean, components[:dim].T, info)


@checked
def post_process(vectors: Vectors, components: Annotated[int, Ge(0)] | None = None) -> Vectors:
    """The vectors without their mean and their first principal components, which say more about a
    word's frequency than its meaning (Mu & Viswanath 2018, "All-but-the-Top: Simple and Effective
    Postprocessing for Word Representations").

    Args:
        components: how many are taken out; one for every 100 dimensions, at least 1, unless given.

    Raises:
        InputError: nothing would be left, or there are no vectors.
    """
    count = max(1, vectors.dim // 100) if components is None else components
    if count >= vectors.dim:
        raise InputError(
            f"post_process: components is {count}: of {vectors.dim} dimensions nothing is left"
        )
    mean, axes = _principal(vectors)
    projection = np.eye(vectors.dim) - axes[:count].T @ axes[:count]
    info = derived_info("post_process", vectors, components=count)
    return _mapped(vectors, mean, projection, info)


@checked
def align(
    vectors: Vectors,
    other: Vectors,
    words: Annotated[Sequence[str] | Mapping[str, str] | None, Unchecked] = None,
) -> Vectors:
    """The vectors turned into the space of ``other``, to compare periods, domains or languages.

    The rotation (or reflection) is the one for which the cosines of anchors in both tables have
    the largest sum: orthogonal Procrustes on unit vectors (Schönemann 1966, "A Generalized
    Solution of the Orthogonal Procrustes Problem"; Xing et al. 2015). Lengths and all cosines
    within the table stay. As many anchors as dimensions determine it; several times as many make
    it good.

    Args:
        words: the anchors, or a mapping of this table's words to their translations in ``other``;
            those that are not in both are left out. The 20,000 most frequent common words unless
            given.

    Raises:
        InputError: the dimensions differ, or no anchor is in both tables.
    """
    if vectors.dim != other.dim:
        raise InputError(
            f"align: the vectors have dim {vectors.dim}, the other {other.dim}: reduce the larger"
        )
    here, there = _anchors(vectors, other, words)
    if not len(here):
        raise InputError(
            "align: no anchor is in both tables: for two languages, give a dict of translations"
        )
    left, _, right = np.linalg.svd(_units(vectors, here).T @ _units(other, there))
    info = derived_info("align", vectors, anchors=len(here), other=other.info)
    return _mapped(vectors, np.zeros(vectors.dim), left @ right, info)


def _anchors(
    vectors: Vectors, other: Vectors, words: Sequence[str] | Mapping[str, str] | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The anchors' rows in both tables."""
    if words is None:
        there = other.words.find_all(vectors.words)
        here = np.flatnonzero(there >= 0)
        if vectors.counts is not None:
            here = here[np.argsort(-vectors.counts[here], kind="stable")]
        return here[:ANCHORS], there[here[:ANCHORS]]
    here = vectors.words.find_all(words)
    there = other.words.find_all(words.values() if isinstance(words, Mapping) else words)
    both = (here >= 0) & (there >= 0)
    return here[both], there[both]


def _units(vectors: Vectors, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(vectors.rows(rows) * vectors.inverse_norms[rows, None], np.float64)


def _principal(vectors: Vectors) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean ``[dim]`` and all principal components ``[dim, dim]``, the strongest first."""
    if not len(vectors):
        raise InputError("no vectors, no principal components: the table is empty")
    parts = [slice(start, start + BLOCK) for start in range(0, len(vectors), BLOCK)]
    mean = np.zeros(vectors.dim)
    for part in parts:
        mean += vectors.rows(part).sum(0, dtype=np.float64) / len(vectors)
    covariance = np.zeros((vectors.dim, vectors.dim))
    for part in parts:
        centred = vectors.rows(part) - mean
        covariance += centred.T @ centred
    components = np.linalg.eigh(covariance)[1].T[::-1]
    largest = np.abs(components).argmax(1)[:, None]
    return mean, components * np.sign(np.take_along_axis(components, largest, 1))


def _mapped(
    vectors: Vectors,
    mean: NDArray[np.float64],
    projection: NDArray[np.float64],
    info: dict[str, Any],
) -> Vectors:
    """Every vector v as (v - mean) projection."""
    shift, factor = mean.astype(np.float32), projection.astype(np.float32)

    def mapped(size: int, rows: Callable[[slice], NDArray[np.float32]]) -> NDArray[np.float32]:
        result = np.empty((size, factor.shape[1]), np.float32)
        for start in range(0, size, BLOCK):
            part = slice(start, start + BLOCK)
            np.matmul(rows(part) - shift, factor, out=result[part])
        return result

    composition: Composition | None = None
    its = vectors.composition
    if isinstance(its, PieceComposition):
        composition = its
    elif isinstance(its, SubwordComposition):
        buckets, own = its.buckets, its.word_rows
        composition = SubwordComposition(
            its.ngrams,
            mapped(len(buckets), buckets.__getitem__),
            None if own is None else mapped(len(own), own.__getitem__),
        )
    matrix = mapped(len(vectors), vectors.rows)
    unknown = kept_policy(vectors.unknown, composition)
    return Vectors(
        vectors.words, matrix, vectors.counts, info, composition=composition, unknown=unknown
    )
