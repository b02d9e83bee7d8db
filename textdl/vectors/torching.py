"""Vectors as the first layer of a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.settings import Unchecked, checked
from textdl.vectors.combining import gather
from textdl.vectors.vectors import Vectors

if TYPE_CHECKING:
    import torch

Unknown = Literal["zero", "mean", "normal"]


@dataclass(frozen=True)
class Coverage:
    """How much of a vocabulary has vectors; padding is not counted.

    Attributes:
        known: words with a row.
        composed: words whose vector was composed of n-grams or pieces.
        unknown: words without a vector.
        examples: the first ten unknown words.
    """

    known: int
    composed: int
    unknown: int
    examples: tuple[str, ...]

    @property
    def total(self) -> int:
        """How many words there are."""
        return self.known + self.composed + self.unknown

    @property
    def share(self) -> float:
        """The share of the words that has a vector, 1 if there are no words."""
        return 1 - self.unknown / self.total if self.total else 1.0

    def __str__(self) -> str:
        text = f"{self.known:,} of {self.total:,} words known"
        if self.composed:
            text += f", {self.composed:,} composed"
        if self.unknown:
            shown = ", ".join(map(repr, self.examples[:3])) + ", …" * (self.unknown > 3)
            text += f", {self.unknown:,} unknown ({1 - self.share:.1%}): {shown}"
        return text


@checked
def embedding_table(
    vectors: Vectors,
    vocab: Annotated[Sequence[str] | None, Unchecked] = None,
    *,
    unknown: Unknown = "zero",
    padding_index: int | None = None,
    seed: Annotated[int, Ge(0)] = 0,
) -> tuple[NDArray[np.float32], Coverage]:
    """A row for every word of a vocabulary, float32 ``[len(vocab), dim]``, for any framework.

    A word without a row in ``vectors`` is composed if they can. The others get zeros, the mean of
    the vectors that were found, or numbers drawn with the mean and deviation of each dimension of
    these.

    Args:
        vocab: distinct words in the order of their ids; all words of ``vectors`` unless given.
        padding_index: the id of padding, whose row is zeros.

    Raises:
        InputError: no word has a vector, or padding is not in the vocabulary.
    """
    words = vectors.words if vocab is None else vocab
    if isinstance(words, str):
        raise InputError(f"embedding_table: vocab is the string {words!r}: give a list of words")
    if padding_index is not None and not 0 <= padding_index < len(words):
        raise InputError(
            f"embedding_table: padding_index is {padding_index}: there are {len(words):,} words"
        )
    table, rows, found = gather(vectors, words)
    counted = np.ones(len(words), np.bool_)
    if padding_index is not None:
        table[padding_index] = 0
        counted[padding_index] = found[padding_index] = False
    if not found.any():
        shown = ", ".join(words[i] for i in np.flatnonzero(counted)[:3].tolist())
        raise InputError(
            f"none of the {len(vectors):,} vectors belongs to a word of the vocabulary "
            f"({shown}, …): were they made for another language, or with another tokenizer?"
        )
    missing = np.flatnonzero(counted & ~found)
    if len(missing) and unknown != "zero":
        known = table[found]
        table[missing] = known.mean(0)
        if unknown == "normal":
            noise = np.random.default_rng(seed).standard_normal((len(missing), vectors.dim))
            table[missing] += noise.astype(np.float32) * known.std(0)
    with_row = int((found & (rows >= 0)).sum())
    examples = tuple(words[i] for i in missing[:10].tolist())
    return table, Coverage(with_row, int(found.sum()) - with_row, len(missing), examples)


def to_torch(
    vectors: Vectors,
    vocab: Sequence[str] | None = None,
    *,
    freeze: bool = True,
    unknown: Unknown = "zero",
    padding_index: int | None = None,
    seed: int = 0,
) -> tuple[torch.nn.Embedding, Coverage]:
    """An embedding layer with the rows of `embedding_table`, and how many words it knows.

    Args:
        freeze: keep the rows as they are when the network is trained; that of padding always is.

    Raises:
        InputError: as `embedding_table`.
    """
    from torch import from_numpy, nn

    table, coverage = embedding_table(
        vectors, vocab, unknown=unknown, padding_index=padding_index, seed=seed
    )
    layer = nn.Embedding.from_pretrained(
        from_numpy(table), freeze=freeze, padding_idx=padding_index
    )
    return layer, coverage
