"""Vectors of documents, from those of their words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.settings import Unchecked, checked
from textdl.vectors.combining import gather
from textdl.vectors.vectors import Vectors


def mean(
    vectors: Vectors, words: Sequence[str], weights: Sequence[float] | None = None
) -> NDArray[np.float32]:
    """The mean of the words' vectors, float32 ``[dim]``: their weighted sum over the sum of the
    weights without their signs.

    Raises:
        InputError: there are no words, not as many weights, or these are all 0.
        UnknownWordError: a word has no vector.
    """
    words = [words] if isinstance(words, str) else words
    factors = np.ones(len(words)) if weights is None else np.asarray(weights, np.float64)
    if factors.shape != (len(words),):
        raise InputError(f"mean: {len(words)} words need as many weights, not {factors.size}")
    total = np.abs(factors).sum()
    if not total > 0:
        raise InputError("mean of what? Give at least one word with a weight")
    return np.asarray(factors @ vectors[words] / total, np.float32)


@checked
def document_vectors(
    vectors: Vectors,
    documents: Annotated[Sequence[Sequence[str]], Unchecked],
    method: Literal["mean", "sif"] = "mean",
    *,
    a: Annotated[float, Gt(0)] = 1e-3,
    remove: Annotated[int, Ge(0)] = 1,
) -> NDArray[np.float32]:
    """A vector for each document, float32 ``[documents, dim]``; zeros if none of its words has one.

    "mean" is the mean over the document's words. "sif" is the mean with weights a / (a + p(word)),
    from which the first ``remove`` singular vectors of all given documents are taken out (Arora,
    Liang & Ma 2017, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings").
    The probability p is the word's share of ``vectors.counts``; without counts it is guessed from
    the word's rank by Zipf's law, p = 1 / (rank · H(n)) with the n-th harmonic number. Words that
    are composed count as never seen.

    Args:
        documents: the words of each.

    Raises:
        InputError: a document is a string, or ``remove`` exceeds the dimensions.
    """
    for i, document in enumerate(documents):
        if isinstance(document, str):
            raise InputError(f"document {i} is the string {document[:30]!r}: cut it into words")
    if remove > vectors.dim:
        raise InputError(f"remove is {remove}, but the vectors have only {vectors.dim} dimensions")
    distinct = list(dict.fromkeys(chain.from_iterable(documents)))
    table, rows, found = gather(vectors, distinct)
    if method == "sif":
        table *= (a / (a + _probabilities(vectors, rows)))[:, None].astype(np.float32)
    means = _means(documents, distinct, table, found)
    if method == "sif" and remove:
        axes = np.linalg.eigh(means.T.astype(np.float64) @ means)[1][:, -remove:]
        means -= (means @ axes.astype(np.float32)) @ axes.T.astype(np.float32)
    return means


def _means(
    documents: Sequence[Sequence[str]],
    distinct: list[str],
    table: NDArray[np.float32],
    found: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """The means over each document's words that were found; zeros if there are none."""
    from scipy.sparse import csr_array

    places = {word: i for i, word in enumerate(distinct)}
    offsets = np.zeros(len(documents) + 1, np.int64)
    np.cumsum([len(document) for document in documents], out=offsets[1:])
    words = chain.from_iterable(documents)
    columns = np.fromiter(map(places.__getitem__, words), np.int32, offsets[-1])
    shape = (len(documents), len(distinct))
    occurrences = csr_array((np.ones(len(columns), np.float32), columns, offsets), shape)
    lengths = occurrences @ found.astype(np.float32)
    means = np.asarray(occurrences @ table, np.float32)
    means /= np.maximum(lengths, 1)[:, None]
    return means


def _probabilities(vectors: Vectors, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """How probable the words with these rows are, float64 ``[len(rows)]``, 0 for row -1."""
    if vectors.counts is None:
        harmonic = (1 / np.arange(1, len(vectors) + 1)).sum()
        return np.where(rows < 0, 0, 1 / (np.maximum(rows + 1, 1) * harmonic))
    total = max(int(vectors.counts.sum()), 1)
    return np.where(rows < 0, 0, vectors.counts[rows] / total)
