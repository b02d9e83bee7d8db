"""How fast a classifier predicts."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdl.classifiers.evaluation import Classifier
from textdl.text.corpus import Corpus


class Timed:
    """A classifier that is timed; for everything else it is the one it was made of.

    Attributes:
        documents, seconds: predicted so far from a corpus, and the wall-clock time that took.
    """

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier
        self.documents = 0
        self.seconds = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.classifier, name)

    @property
    def documents_per_second(self) -> float:
        return self.documents / max(self.seconds, 1e-9)

    def predict_corpus(self, corpus: Corpus, split: str) -> NDArray[np.float32]:
        start = time.perf_counter()
        probabilities = self.classifier.predict_corpus(corpus, split)
        self.seconds += time.perf_counter() - start
        self.documents += len(probabilities)
        return probabilities
