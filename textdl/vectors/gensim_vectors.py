"""Vectors out of gensim's objects."""

from __future__ import annotations

from typing import Any

import numpy as np

from textdl.errors import InputError
from textdl.vectors.ngrams import Ngrams
from textdl.vectors.subwords import SubwordComposition
from textdl.vectors.vectors import Vectors


def from_gensim(theirs: Any) -> Vectors:
    """Vectors of ``KeyedVectors``, or of a model that has them; fastText's keep their n-grams.

    Raises:
        InputError: it is neither.
    """
    keyed = getattr(theirs, "wv", theirs)
    if not hasattr(keyed, "index_to_key") or not hasattr(keyed, "vectors"):
        raise InputError(f"from_gensim: a {type(theirs).__name__} is no KeyedVectors")
    words = [str(key) for key in keyed.index_to_key]
    counts = keyed.expandos.get("count")
    composition = None
    if getattr(keyed, "bucket", 0):
        ngrams = Ngrams(keyed.min_n, keyed.max_n, keyed.bucket)
        buckets = np.asarray(keyed.vectors_ngrams, np.float32)
        composition = SubwordComposition(
            ngrams, buckets, np.asarray(keyed.vectors_vocab, np.float32)
        )
    return Vectors(
        words,
        np.array(keyed.vectors[: len(words)], np.float32),
        None if counts is None else np.asarray(counts, np.int64),
        {"format": "gensim"},
        composition=composition,
    )
