"""Whether a classifier is as sure as it is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdl.classifiers.examples import membership
from textdl.classifiers.scores import decide

BINS = 10


@dataclass(frozen=True)
class Calibration:
    """Decisions by how sure they were.

    Attributes:
        confidence, accuracy: float64 ``[bins]``, the mean probability and the share that is right;
            nan where there is no decision.
        counts: int64 ``[bins]``, how many decisions.
    """

    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    counts: NDArray[np.int64]

    @property
    def error(self) -> float:
        """The expected calibration error: the mean distance of the two, weighted by the counts
        (Guo et al. 2017, "On Calibration of Modern Neural Networks")."""
        gaps = np.abs(self.confidence - self.accuracy)
        return float(np.nansum(gaps * self.counts) / max(self.counts.sum(), 1))


def calibration(
    true: NDArray[np.integer[Any]], probabilities: NDArray[np.floating], bins: int = BINS
) -> Calibration:
    """Put decisions into bins of equal width.

    Args:
        true: int ``[n]``, or 0 and 1 in ``[n, classes]``: then every label is a decision.
        probabilities: ``[n, classes]``.
    """
    said = decide(probabilities, several=true.ndim == 2)
    if true.ndim == 2:
        sure = np.where(said > 0, probabilities, 1 - probabilities).ravel()
        right = (membership(said, 0) == membership(true, 0)).ravel()
    else:
        sure, right = probabilities.max(1), said == true
    sure = sure.astype(np.float64)
    place = np.clip((sure * bins).astype(np.int64), 0, bins - 1)
    counts = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        confidence = np.bincount(place, sure, bins) / counts
        accuracy = np.bincount(place, right, bins) / counts
    return Calibration(confidence, accuracy, counts)
