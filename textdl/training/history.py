"""What happened in each epoch, and which was the best."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Epoch:
    """One pass through the training documents.

    Losses are mean cross-entropies in nats, accuracies shares of 1. Those on the training
    documents are taken while the network changes, with dropout.
    """

    loss: float
    accuracy: float
    validation_loss: float
    validation_accuracy: float


class History(list[Epoch]):
    """The epochs of a training run, in order, without times: equal runs have equal histories."""

    @property
    def best(self) -> int:
        """The place of the epoch with the highest validation accuracy; of several, that with the
        lowest validation loss.

        Raises:
            ValueError: there is no epoch.
        """
        return max(
            range(len(self)),
            key=lambda i: (self[i].validation_accuracy, -self[i].validation_loss),
        )

    def to_json(self) -> list[dict[str, float]]:
        return [asdict(epoch) for epoch in self]

    @classmethod
    def from_json(cls, epochs: Iterable[dict[str, Any]]) -> History:
        return cls(Epoch(**epoch) for epoch in epochs)
