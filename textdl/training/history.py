"""What happened in each epoch, and which was the best."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Epoch:
    """One pass through the training documents.

    Losses are means over the documents (of cross-entropies: in nats), each counting as much as its
    class, accuracies shares of 1.
    Those on the training documents are taken while the network changes, with dropout.

    Attributes:
        score: what the epoch is judged by, if not by its validation accuracy; more is better.
    """

    loss: float
    accuracy: float
    validation_loss: float
    validation_accuracy: float
    score: float | None = None

    @property
    def rank(self) -> tuple[float, float]:
        """The better of two epochs has the higher one."""
        score = self.validation_accuracy if self.score is None else self.score
        return score, -self.validation_loss


class History(list[Epoch]):
    """The epochs of a training run, in order, without times: equal runs have equal histories."""

    @property
    def best(self) -> int:
        """The place of the epoch with the highest validation accuracy, or whatever the run was
        judged by; of several, that with the lowest validation loss.

        Raises:
            ValueError: there is no epoch.
        """
        return max(range(len(self)), key=lambda i: self[i].rank)

    def to_json(self) -> list[dict[str, float]]:
        return [
            {name: value for name, value in asdict(epoch).items() if value is not None}
            for epoch in self
        ]

    @classmethod
    def from_json(cls, epochs: Iterable[dict[str, Any]]) -> History:
        return cls(Epoch(**epoch) for epoch in epochs)
