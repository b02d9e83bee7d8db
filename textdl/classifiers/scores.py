"""Predictions compared with the truth: accuracy, F1, confusion matrix, mistakes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdl.classifiers.examples import membership

THRESHOLD = 0.5
"""Of several labels a document has those of at least this probability."""


@dataclass(frozen=True)
class Scores:
    """How good predictions are.

    Attributes:
        accuracy: the share of documents whose most probable label is the true one; of several
            labels all must be right.
        macro_f1: the mean of the classes' F1, however rare a class is.
        confusion: documents by true label (row) and predicted label (column); empty if a document
            may have several, each of which is right or wrong for itself: see ``per_class``.
        per_class: precision, recall, F1 and number of documents of each label.
    """

    accuracy: float
    macro_f1: float
    confusion: list[list[int]]
    per_class: dict[str, dict[str, float]]


def decide(probabilities: NDArray[np.floating], *, several: bool) -> NDArray[np.int64]:
    """What probabilities ``[documents, classes]`` mean: the most probable label of each document,
    int64 ``[documents]``, or 1 for every label of at least :data:`THRESHOLD` and else 0, int64
    ``[documents, classes]``."""
    if several:
        return (probabilities >= THRESHOLD).astype(np.int64)
    return np.asarray(probabilities.argmax(1), np.int64)


def majority(true: NDArray[np.integer[Any]]) -> float:
    """The accuracy of always saying what is most frequent: a label, or a set of labels."""
    _, counts = np.unique(true, axis=0, return_counts=True)
    return float(counts.max() / len(true))


def mean_and_std(values: Iterable[float]) -> tuple[float, float]:
    """The mean, and the standard deviation of what the values are a sample of: 0 for one value."""
    sample = np.array(list(values), np.float64)
    return float(sample.mean()), float(sample.std(ddof=1)) if len(sample) > 1 else 0.0


def score_labels(
    true: NDArray[np.integer[Any]], predicted: NDArray[np.integer[Any]], names: list[str]
) -> Scores:
    """Compare labels, ``[documents]``, or 0 and 1 in ``[documents, classes]`` if a document may
    have several."""
    right = true == predicted
    several = right.ndim == 2
    is_true, is_predicted = (membership(labels, len(names)) for labels in (true, predicted))
    found = (is_true & is_predicted).sum(0)
    documents, guesses = is_true.sum(0), is_predicted.sum(0)
    columns = {
        "precision": found / np.maximum(guesses, 1),
        "recall": found / np.maximum(documents, 1),
        "f1": 2 * found / np.maximum(documents + guesses, 1),
        "documents": documents,
    }
    return Scores(
        accuracy=float((right.all(1) if several else right).mean()),
        macro_f1=float(columns["f1"].mean()),
        confusion=[] if several else (is_true.T.astype(np.int64) @ is_predicted).tolist(),
        per_class={
            name: {column: values[i].item() for column, values in columns.items()}
            for i, name in enumerate(names)
        },
    )


def mistakes(
    true: NDArray[np.integer[Any]], probabilities: NDArray[np.floating]
) -> tuple[NDArray[np.int64], NDArray[np.floating]]:
    """The documents that are classified wrongly, the most confident mistakes first.

    Args:
        true: labels as for :func:`score_labels`.
        probabilities: ``[documents, classes]``.

    Returns:
        int64 ``[mistakes]``, which documents; and the probability of the wrong label of each, or,
        of several, of the decision that is wrong most confidently.
    """
    several, classes = true.ndim == 2, probabilities.shape[1]
    is_true = membership(true, classes)
    said = membership(decide(probabilities, several=several), classes)
    wrong = said != is_true if several else said & ~is_true
    confidence = np.where(wrong, np.where(said, probabilities, 1 - probabilities), 0).max(1)
    order = np.argsort(-confidence, kind="stable")[: np.count_nonzero(confidence)]
    return order, confidence[order]
