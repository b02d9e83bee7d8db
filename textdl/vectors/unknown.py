"""What a word without a vector gets."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError

if TYPE_CHECKING:
    from textdl.vectors.composition import Composition
    from textdl.vectors.vectors import Vectors

Unknown = Literal["error", "zero", "mean", "subword", "nearest"] | Callable[[str], Any]

POLICIES = get_args(get_args(Unknown)[0])
"""The policies that have a name."""

FREQUENT = 50_000
"""Among so many words of the beginning similar spellings are looked for: a misspelling is most
likely one of a frequent word."""


class UnknownWordError(InputError, KeyError):
    """A word has no vector."""

    def __str__(self) -> str:  # KeyError would print the message's repr.
        return str(self.args[0])


def kept_policy(policy: Unknown, composition: Composition | None) -> Unknown | None:
    """The policy of vectors that are made of others: ``subword`` only if they compose as well."""
    return None if policy == "subword" and composition is None else policy


def stand_in(vectors: Vectors, word: str) -> NDArray[np.float32] | None:
    """What the policy of ``vectors`` gives a word without a row, float32 ``[dim]``; None for
    nothing."""
    policy = vectors.unknown
    if policy == "zero":
        return np.zeros(vectors.dim, np.float32)
    if policy == "mean":
        return vectors.mean_vector
    if policy == "subword":
        assert vectors.composition is not None
        return vectors.composition.compose(word, vectors.words.find, vectors.matrix)
    if policy == "nearest":
        near = spelled_like(vectors, word, 1)
        return vectors.rows([vectors.words.find(near[0])])[0] if near else None
    if callable(policy):
        made = np.asarray(policy(word), np.float32)
        if made.shape != (vectors.dim,):
            raise InputError(
                f"unknown: the function gave {word!r} a vector of shape {made.shape}, not "
                f"({vectors.dim},)"
            )
        return made
    return None


def spelled_like(vectors: Vectors, word: str, n: int = 3) -> list[str]:
    """Up to ``n`` frequent words that are spelled most like a word."""
    return difflib.get_close_matches(word, islice(vectors.words, FREQUENT), n=n)


def unknown_word(vectors: Vectors, word: str) -> UnknownWordError:
    """The error for a word without a vector."""
    near = spelled_like(vectors, word)
    hint = f": did you mean {' or '.join(map(repr, near))}?" if near else ""
    return UnknownWordError(f"no vector for {word!r}{hint}")
