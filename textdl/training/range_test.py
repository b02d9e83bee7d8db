"""The learning-rate range test: which step size to choose."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from textdl.errors import InputError
from textdl.training.batches import Batches
from textdl.training.clipping import clip
from textdl.training.devices import Device, choose_device
from textdl.training.layers import dense_gradients, train_mode
from textdl.training.losses import Criterion
from textdl.training.optimizers import SPARSE, decay_weights, make_optimizers, scale_rates
from textdl.training.penalties import add_penalties
from textdl.training.randomness import seeded
from textdl.training.recipe import Recipe

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMOOTHING = 0.9
TOO_MUCH = 4.0
"""The test ends where the smoothed loss is so many times the lowest."""


@dataclass(frozen=True, eq=False)
class RangeTest:
    """What came of it.

    Attributes:
        rates: float64 ``[steps]``, rising.
        losses: float64 ``[steps]``, of one batch each.
    """

    rates: NDArray[np.float64]
    losses: NDArray[np.float64]

    @property
    def smoothed(self) -> NDArray[np.float64]:
        """The losses, each with nine tenths of those before it."""
        mean, means = 0.0, []
        for i, loss in enumerate(self.losses.tolist(), 1):
            mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
            means.append(mean / (1 - SMOOTHING**i))
        return np.array(means)

    @property
    def suggestion(self) -> float:
        """A tenth of the rate at which the smoothed loss is lowest: large, and not yet near where
        it rises."""
        return float(self.rates[self.smoothed.argmin()] / 10)

    def figure(self) -> Figure:
        """The losses over the rates, with the suggestion."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(4.6, 3.2), layout="constrained")
        axes = figure.add_subplot()
        axes.plot(self.rates, self.losses, alpha=0.3)
        axes.plot(self.rates, self.smoothed)
        axes.axvline(self.suggestion, linestyle=":", color="black")
        axes.set_xscale("log")
        axes.set_xlabel("learning rate")
        axes.set_ylabel("loss")
        axes.set_title(f"suggestion: {self.suggestion:.1e}")
        return figure


def lr_range_test(
    network: nn.Module,
    training: Batches,
    *,
    recipe: Recipe | None = None,
    lowest: float = 1e-6,
    highest: float = 10.0,
    steps: int = 100,
    device: Device = "auto",
) -> RangeTest:
    """Train a copy of a network for a few steps, each with a larger rate, until the loss explodes
    (Smith 2017, "Cyclical Learning Rates for Training Neural Networks", section 3.3).

    Args:
        recipe: optimizer, loss, clipping, decay and penalties are its own; the ratios between the
            layers' rates stay.
        lowest, highest: the rates in between are a geometric series.
        steps: batches, at most.

    Raises:
        InputError: the range or the documents are empty, or the first loss is not finite.
    """
    recipe = recipe or Recipe()
    if not 0 < lowest < highest < math.inf or steps < 2 or not len(training):
        raise InputError(
            f"a range test needs documents, 0 < lowest < highest and at least 2 steps, not "
            f"{len(training):,} documents, {lowest:g}, {highest:g} and {steps}"
        )
    place = choose_device(device)
    network = copy.deepcopy(network).to(place)
    criterion = Criterion(recipe, training.class_counts())
    rates = np.geomspace(lowest, highest, steps)
    losses: list[float] = []
    lowest_mean = math.inf
    batches = (batch for epoch in count() for batch in training.shuffled(recipe.seed, epoch))
    with (
        seeded(recipe.seed, 0, device=place),
        dense_gradients(network, recipe.optimizer not in SPARSE),
    ):
        optimizers = make_optimizers(network, recipe)
        train_mode(network)
        for lr, batch in zip(rates.tolist(), batches, strict=False):
            batch = batch.to(place)
            network.zero_grad()
            loss = criterion(network(batch.ids, batch.lengths), batch.labels)
            if not math.isfinite(loss.item()):
                break
            losses.append(loss.item())
            mean = float(RangeTest(rates[: len(losses)], np.array(losses)).smoothed[-1])
            lowest_mean = min(lowest_mean, mean)
            if mean > TOO_MUCH * lowest_mean:
                break
            torch.autograd.backward(loss)
            scale_rates(optimizers, lr / recipe.lr)
            clip(network.parameters(), norm=recipe.clip_norm, value=recipe.clip_value)
            add_penalties(optimizers)
            decay_weights(optimizers)
            for optimizer in optimizers:
                optimizer.step()
    if not losses:
        raise InputError("the loss is not finite before the first step: look at the weights")
    return RangeTest(rates[: len(losses)], np.array(losses))
