"""The baseline: logistic regression over the words that a document contains, in no order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdl.classifiers.examples import labelled
from textdl.classifiers.model import SentimentModel
from textdl.settings import checked
from textdl.text.corpus import Corpus
from textdl.text.vocab import PAD

INVERSE_REGULARIZATION = 10.0


class BagOfWords(SentimentModel):
    """A model whose network is :class:`~textdl.classifiers.tfidf.TfIdf`."""


@checked
def fit_bag_of_words(corpus: Corpus, *, split: str = "train") -> BagOfWords:
    """Fit a logistic regression to the labelled documents of a split. Nothing is drawn: the same
    corpus gives the same model.

    Raises:
        InputError: there is no such split, or it lacks labels.
    """
    import torch
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    from textdl.classifiers.tfidf import TfIdf

    examples = labelled(corpus, split, at_least=1)
    features = _counts(corpus, examples.documents)
    occurs = np.bincount(features.indices, minlength=len(corpus.vocab))
    idf = 1 + np.log((1 + len(examples)) / (1 + occurs))
    idf[PAD] = 0
    features.data = (1 + np.log(features.data)) * idf[features.indices]
    lengths = np.sqrt(features.multiply(features).sum(1).A1)
    features.data /= np.repeat(np.maximum(lengths, 1e-12), np.diff(features.indptr))
    regression = LogisticRegression(C=INVERSE_REGULARIZATION, max_iter=1000)
    with threadpool_limits(1):  # On sparse features BLAS threads only wait for each other.
        regression.fit(features, examples.labels)

    network = TfIdf(words=len(corpus.vocab), classes=len(corpus.label_names))
    # Of two classes scikit-learn keeps the second one's coefficients only.
    seen = slice(1, 2) if len(regression.coef_) == 1 else slice(None)
    network.idf.copy_(torch.from_numpy(idf))
    network.weights[:, seen] = torch.from_numpy(regression.coef_.T).float()
    network.bias[seen] = torch.from_numpy(regression.intercept_).float()
    return BagOfWords(
        network,
        corpus.vocab,
        corpus.tokenizer,
        corpus.label_names,
        info={
            "settings": {"split": split},
            "examples": {"training": len(examples)},
            "corpus": corpus.info,
        },
    )


def _counts(corpus: Corpus, documents: NDArray[np.int64]) -> Any:
    """How often each document has each word: a sparse matrix, float64 ``[documents, words]``."""
    from scipy.sparse import csr_matrix

    begins, ends = corpus.offsets[documents], corpus.offsets[documents + 1]
    offsets = np.concatenate([[0], np.cumsum(ends - begins)])
    tokens = np.asarray(corpus.tokens)
    ids = np.concatenate([tokens[a:b] for a, b in zip(begins, ends, strict=True)])
    matrix = csr_matrix(
        (np.ones(len(ids)), ids, offsets), shape=(len(documents), len(corpus.vocab))
    )
    matrix.sum_duplicates()
    return matrix
