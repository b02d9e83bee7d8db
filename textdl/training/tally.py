"""What a network has been shown, and how it classified that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from textdl.training.recipe import Monitor


@dataclass
class Tally:
    """Counts of documents; JSON once it is made a dict.

    Attributes:
        seen: how many there are.
        mass: the sum of what their classes count.
        counts: how often each class was predicted rightly, predicted, and true, ``[3, classes]``;
            None before the first batch.
    """

    seen: int = 0
    mass: float = 0.0
    loss_sum: float = 0.0
    correct: int = 0
    counts: list[list[int]] | None = None

    def add(self, loss: float, mass: float, logits: Tensor, labels: Tensor) -> None:
        """Count a batch: its mean loss and how many documents that stands for, logits ``[batch,
        classes]``, and labels int64 ``[batch]`` or 0 and 1 in ``[batch, classes]``. Of several
        labels all must be right."""
        true = labels.cpu().numpy()
        if labels.dim() == 1:
            predicted = logits.argmax(1).cpu().numpy()
            right = predicted == true
            parts = (predicted[right], predicted, true)
            counts = np.array([np.bincount(part, minlength=logits.shape[1]) for part in parts])
        else:
            predicted = (logits >= 0).cpu().numpy()
            right = (predicted == true).all(1)
            counts = np.array([part.sum(0) for part in (predicted & (true > 0), predicted, true)])
        self.seen += len(labels)
        self.mass += mass
        self.loss_sum += loss * mass
        self.correct += int(right.sum())
        self.counts = (counts if self.counts is None else counts + self.counts).tolist()

    @property
    def loss(self) -> float:
        """The mean over the documents, each of which counts as much as its class."""
        return self.loss_sum / (self.mass or 1)

    @property
    def accuracy(self) -> float:
        return self.correct / max(self.seen, 1)

    @property
    def only(self) -> int | None:
        """The class that was predicted for all documents, and no other for any."""
        if not self.counts or not self.seen == sum(self.counts[1]) == max(self.counts[1]):
            return None
        return self.counts[1].index(self.seen)

    @property
    def macro_f1(self) -> float:
        """The mean of the classes' F1; 0 for one that is neither predicted nor true."""
        if not self.counts:
            return 0.0
        right, predicted, true = np.array(self.counts)
        return float(np.mean(2 * right / np.maximum(predicted + true, 1)))

    def score(self, monitor: Monitor) -> float:
        """More is better."""
        scores = {"accuracy": self.accuracy, "loss": -self.loss, "macro_f1": self.macro_f1}
        return scores[monitor]
