"""The settings that training has whatever the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from annotated_types import Ge, Gt, Lt

from textdl.classifiers.augmentation import Shares
from textdl.classifiers.embedding import EmbeddingMode
from textdl.settings import checked
from textdl.training.devices import Device
from textdl.training.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class TrainingSettings(Recipe):
    """A :class:`~textdl.training.recipe.Recipe`, and what it is applied to.

    Raises:
        InputError: a value is out of range, or two settings exclude each other.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    embedding: EmbeddingMode = "tuned"
    """``static`` vectors stay as they are, ``tuned`` ones are trained too, ``two-channel`` has one
    of each (Kim 2014), ``random`` ignores what the vectors hold, but not those of ``init_from``."""
    dim: Annotated[int, Ge(1)] = 100
    """Length of random vectors if there are no vectors, whose length counts otherwise."""
    batch_size: Annotated[int, Ge(1)] = 64
    """Documents per step."""
    max_length: Annotated[int, Ge(1)] = 1000
    """Of a longer document only the first so many tokens count."""
    split: str = "train"
    """Whose labelled documents are trained on."""
    validation: Annotated[float, Gt(0), Lt(1)] = 0.1
    """Share of the split that decides which epoch is kept, unless the corpus has a split of that
    name."""
    augment: Shares | None = None
    """How the training documents are changed anew in every epoch, with synonyms from the vectors;
    see :class:`~textdl.classifiers.augmentation.Augmentation`."""
    freeze: tuple[str, ...] = ()
    """Parts of the network that stay as they are, such as ``channels`` or ``layers.0``; ``body`` is
    all of it but the output layer, whose features are then computed once."""
    reset: tuple[str, ...] = ()
    """Parts that begin anew though ``init_from`` has them, such as ``output``."""
    device: Device = "auto"
    """Where it is computed."""
    checkpoint_steps: Annotated[int, Ge(1)] | None = None
    """After so many batches a checkpoint is written, too, not only after every epoch."""

    def identity(self) -> dict[str, Any]:
        settings = super().identity()
        del settings["device"], settings["checkpoint_steps"]
        return settings


TrainingSettings.__init__.__name__ = "TrainingSettings"  # What messages call it.
TrainingSettings.__init__ = checked(TrainingSettings.__init__)  # type: ignore[method-assign]
