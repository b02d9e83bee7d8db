"""Which words a decision rests on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from textdl.classifiers.evaluation import Classifier
from textdl.text.corpus import Corpus

LONGEST = 300
"""Tokens of a document that are looked at."""


def weights(
    model: Classifier, corpus: Corpus, tokens: NDArray[np.int32], label: int
) -> NDArray[np.float64]:
    """How much the probability of a label falls when a word is left out, float64 ``[tokens]``,
    scaled so that the largest is 1 or -1 (Zeiler & Fergus 2014, "Visualizing and Understanding
    Convolutional Networks"; for words Li, Monroe & Jurafsky 2016, "Understanding Neural Networks
    through Representation Erasure").

    Args:
        tokens: int32 ``[tokens]``, at least one: a document of the corpus.
        label: an index into the corpus' ``label_names``.
    """
    texts = [tokens, *(np.delete(tokens, i) for i in range(len(tokens)))]
    lengths = np.cumsum([0, *map(len, texts)])
    erased = replace(
        corpus,
        tokens=np.concatenate(texts),
        offsets=lengths,
        labels=np.full(len(texts), -1, np.int32),
        splits={"erased": range(len(texts))},
        folder=None,
    )
    whole, *without = model.predict_corpus(erased, "erased")[:, label].astype(np.float64).tolist()
    falls: NDArray[np.float64] = whole - np.array(without)
    return falls / max(float(np.abs(falls).max()), 1e-12)
