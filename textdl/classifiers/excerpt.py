"""A few documents of a corpus as a corpus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from textdl.classifiers.examples import Examples
from textdl.text.corpus import Corpus


def excerpt(corpus: Corpus, splits: Mapping[str, Examples]) -> Corpus:
    """A corpus in memory of some documents.

    Args:
        splits: the documents of each split, in their order, and the labels that they get.
    """
    documents = np.concatenate([its.documents for its in splits.values()])
    texts = [corpus.document(i) for i in documents.tolist()]
    ends = np.cumsum([0, *map(len, splits.values())]).tolist()
    return replace(
        corpus,
        tokens=np.concatenate(texts),
        offsets=np.cumsum([0, *map(len, texts)]),
        labels=np.concatenate([its.labels for its in splits.values()]),
        splits={name: range(*ends[i : i + 2]) for i, name in enumerate(splits)},
        folder=None,
    )
