"""The word vectors that a network begins with."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.progress import Progress
from textdl.text.vocab import PAD, SPECIALS, Vocab
from textdl.vectors import Vectors
from textdl.vectors.combining import gather

EmbeddingMode = Literal["static", "tuned", "two-channel", "random"]

FROZEN: dict[EmbeddingMode, tuple[bool, ...]] = {
    "static": (True,),
    "tuned": (False,),
    "two-channel": (True, False),
    "random": (False,),
}
"""The channels of each mode, and which of them stay as they are."""

RANDOM_BOUND = 0.25


class InitialEmbedding(NamedTuple):
    """Word vectors to begin with.

    Attributes:
        table: float32 ``[words, dim]``; the row of padding is 0.
        coverage: the shares of the vocabulary's ``words``, and of the ``tokens`` it counts, that
            have a pretrained vector.
    """

    table: NDArray[np.float32]
    coverage: dict[str, float]


def initial_embedding(
    vocab: Vocab,
    vectors: Vectors | None,
    mode: EmbeddingMode,
    *,
    dim: int,
    seed: int,
    progress: Progress,
) -> InitialEmbedding:
    """A vector for every word of a vocabulary.

    A word without a row gets a vector composed of its parts, if the vectors can compose. Any other,
    ``<unk>`` among them, gets one drawn evenly from an interval
    round 0, such that they vary as the pretrained do (Kim 2014, section 4). In the mode ``random``
    all are drawn, between -0.25 and 0.25, of length ``dim`` if there are no ``vectors``.

    Raises:
        InputError: there are no vectors though the mode needs them, none for any of the words, or
            one is not finite.
    """
    if mode == "random":
        dim = dim if vectors is None else vectors.dim
        return InitialEmbedding(_uniform(len(vocab), dim, RANDOM_BOUND, seed), {})
    if vectors is None:
        raise InputError(f"embedding {mode!r} needs vectors: give some, or choose 'random'")
    table, rows, found = gather(vectors, vocab.words)
    special = slice(len(SPECIALS))
    found[special] = rows[special] >= 0  # They are composed of nothing.
    found[PAD] = False
    known = np.flatnonzero(found)
    if not len(known):
        raise InputError(
            f"none of the {len(vectors):,} vectors belongs to a word of the corpus' vocabulary "
            f"({', '.join(vocab.words[len(SPECIALS) : len(SPECIALS) + 3])}, …): were they made "
            "for another language, or with another tokenizer?"
        )
    broken = known[~np.isfinite(table[known]).all(1)]
    if len(broken):
        raise InputError(
            f"the vector of {vocab.words[int(broken[0])]!r} holds NaN or infinity: the vectors are "
            "damaged, or their training diverged; give others"
        )
    bound = float(np.sqrt(3 * table[known].var(dtype=np.float64)))
    drawn = _uniform(len(vocab), vectors.dim, bound, seed)
    drawn[known] = table[known]
    coverage = {
        "words": int((known >= len(SPECIALS)).sum()) / max(len(vocab) - len(SPECIALS), 1),
        "tokens": float(vocab.counts[known].sum() / max(int(vocab.counts.sum()), 1)),
    }
    progress.note(
        f"{coverage['words']:.1%} of the vocabulary's words have a vector, "
        f"{coverage['tokens']:.1%} of the tokens"
    )
    return InitialEmbedding(drawn, coverage)


def _uniform(words: int, dim: int, bound: float, seed: int) -> NDArray[np.float32]:
    table = np.random.default_rng(seed).random((words, dim), np.float32)
    table -= np.float32(0.5)
    table *= np.float32(2 * bound)
    table[PAD] = 0
    return table
