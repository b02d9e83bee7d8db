"""Word n-grams as numbers: the same from numpy and from torch, on any device."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from textdl.text.corpus import Corpus

if TYPE_CHECKING:
    from torch import Tensor

Numbering = Callable[[Any, int], list[Any]]
"""From ids, int64 ``[…, places + longest - 1]``, an array or a tensor, and ``longest`` to a number
for the n-gram that begins at each place, int64 ``[…, places]``, for every n from 1 to ``longest``.
"""

_START, _MULTIPLIER = 0x2545F491, -0x61C8864680B583EB


def ngram_hashes(ids: Any, longest: int) -> list[Any]:
    """A 64-bit hash of every n-gram (a :data:`Numbering`): a polynomial of its ids modulo 2⁶⁴. Each
    step multiplies, so that the upper bits depend on every word. That two of 20 million n-grams
    share a hash has a probability of about 1e-5."""
    places = ids.shape[-1] - longest + 1
    hashes, total = [], _START
    for i in range(longest):
        total = (total + ids[..., i : places + i]) * _MULTIPLIER
        hashes.append(total)
    return hashes


def hashed_rows(words: int, buckets: int) -> Numbering:
    """Rows of a table that has one for each of ``words``, then ``buckets`` that all longer n-grams
    are hashed into (Joulin et al. 2017, "Bag of Tricks for Efficient Text Classification")."""

    def rows(ids: Any, longest: int) -> list[Any]:
        single, *longer = ngram_hashes(ids, longest)
        return [ids[..., : single.shape[-1]], *(words + (h >> 32) % buckets for h in longer)]

    return rows


def document_ngrams(
    corpus: Corpus, documents: NDArray[np.int64], longest: int, numbering: Numbering
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The n-grams of documents, none of which reaches into the next document.

    Returns:
        ``(numbers, offsets)``, int64 ``[total]`` and ``[documents + 1]``: those of document ``i``
        are ``numbers[offsets[i]:offsets[i + 1]]``.
    """
    begins, ends = corpus.offsets[documents], corpus.offsets[documents + 1]
    lengths = ends - begins
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    places = np.arange(offsets[-1])
    ids = np.zeros(len(places) + longest - 1, np.int64)
    ids[: len(places)] = corpus.tokens[np.repeat(begins - offsets[:-1], lengths) + places]
    left = np.repeat(offsets[1:], lengths) - places  # Until the document ends.
    inside = left[:, None] >= np.arange(1, longest + 1)
    numbers = np.stack(numbering(ids, longest), axis=1)[inside]
    return numbers, np.concatenate([[0], np.cumsum(inside.sum(1))])[offsets]


def batch_ngrams(
    ids: Tensor, lengths: Tensor, longest: int, numbering: Numbering
) -> tuple[Tensor, Tensor]:
    """The n-grams of a batch, none of which reaches into the padding.

    Args:
        ids: int64 ``[batch, longest document]``.
        lengths: int64 ``[batch]``.

    Returns:
        ``(numbers, rows)``, int64 ``[total]``, and in which row of the batch each is, ascending.
    """
    import torch
    from torch.nn import functional

    numbers = torch.stack(numbering(functional.pad(ids, (0, longest - 1)), longest), 2)
    left = lengths[:, None] - torch.arange(ids.shape[1], device=ids.device)
    inside = left[:, :, None] >= torch.arange(1, longest + 1, device=ids.device)
    return numbers[inside], inside.nonzero()[:, 0]
