"""Losses: what training makes small."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from textdl.errors import InputError
from textdl.training.recipe import Recipe


@dataclass(frozen=True, eq=False)
class Criterion:
    """The loss of a batch, its mean over the documents, each counting as much as its class.

    Args:
        recipe: names the loss and its settings.
        counts: how many training documents each class has, int64 ``[classes]`` or shorter; for
            ``class_weights="balanced"``.
    """

    recipe: Recipe
    counts: NDArray[np.int64]

    def __call__(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss, a scalar.

        Args:
            logits: ``[batch, classes]``.
            labels: int64 ``[batch]``, or 0 and 1 in ``[batch, classes]`` if a document may have
                several.

        Raises:
            InputError: there are several labels and the loss knows one only, or the number of
                weights is not that of the classes.
        """
        weights = self._weights(logits)
        smoothing = self.recipe.label_smoothing
        if labels.dim() == 2 and self.recipe.loss in ("cross-entropy", "focal"):
            raise InputError(
                f"loss {self.recipe.loss!r} is for documents with one label each, and these have "
                "several: use 'binary', 'hinge' or 'squared'"
            )
        match self.recipe.loss:
            case "cross-entropy":
                return functional.cross_entropy(logits, labels, weights, label_smoothing=smoothing)
            case "focal":
                return focal(logits, labels, self.recipe.focal_gamma, weights, smoothing)
            case "binary":
                return binary(logits, labels, weights, smoothing)
            case "hinge":
                return hinge(logits, labels, weights)
            case "squared":
                return squared(logits, labels, weights)

    def mass(self, logits: Tensor, labels: Tensor) -> float:
        """How many documents the loss of a batch is the mean of, each counting as much as its
        class: by it the losses of batches make one of all."""
        weights = self._weights(logits)
        if weights is None or labels.dim() == 2:
            return float(len(labels))
        return float(weights[labels].sum())

    def in_training(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The same; if the recipe asks for consistency, of a batch that holds every document
        :meth:`twice <textdl.training.batches.Batch.twice>`, whose halves shall also agree."""
        loss = self(logits, labels)
        if self.recipe.consistency:
            apart = self.recipe.loss == "binary"
            loss = loss + self.recipe.consistency * disagreement(*logits.chunk(2), apart=apart)
        return loss

    def _weights(self, logits: Tensor) -> Tensor | None:
        given = self.recipe.class_weights
        if given is None:
            return None
        classes = logits.shape[1]
        if given == "balanced":
            counts = np.zeros(classes)
            counts[: len(self.counts)] = self.counts
            values = counts.sum() / (np.count_nonzero(counts) * np.maximum(counts, 1))
        elif len(given) == classes:
            values = np.array(given)
        else:
            raise InputError(
                f"class_weights has {len(given)} values, and there are {classes} classes: give one "
                "for each, in the order of the label names"
            )
        return torch.from_numpy(values).to(logits)


def focal(
    logits: Tensor, labels: Tensor, gamma: float, weights: Tensor | None, smoothing: float = 0.0
) -> Tensor:
    """Cross-entropy times ``(1 - p) ** gamma``, p being the probability of the true class (Lin et
    al. 2017, "Focal Loss for Dense Object Detection")."""
    losses = functional.cross_entropy(
        logits, labels, weights, reduction="none", label_smoothing=smoothing
    )
    wrong = -torch.expm1(-functional.cross_entropy(logits, labels, reduction="none"))
    return _mean(wrong.clamp_min(1e-12) ** gamma * losses, labels, weights)


def binary(
    logits: Tensor, labels: Tensor, weights: Tensor | None, smoothing: float = 0.0
) -> Tensor:
    """Cross-entropy of every class against its absence: one sigmoid per class."""
    targets = _several(logits, labels) * (1 - smoothing) + smoothing / 2
    losses = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    return _mean_of_classes(losses, labels, weights)


def hinge(logits: Tensor, labels: Tensor, weights: Tensor | None) -> Tensor:
    """How far the true class is from being 1 above every other (Crammer & Singer 2001, "On the
    Algorithmic Implementation of Multiclass Kernel-based Vector Machines"); of several labels, how
    far each is from being on its side of 0 by 1."""
    if labels.dim() == 2:
        sides = 2 * _several(logits, labels) - 1
        return _mean_of_classes((1 - sides * logits).clamp_min(0), labels, weights)
    true = logits.gather(1, labels[:, None])
    others = logits.scatter(1, labels[:, None], -torch.inf)
    losses = (1 + others.amax(1) - true[:, 0]).clamp_min(0)
    return _mean(losses if weights is None else losses * weights[labels], labels, weights)


def squared(logits: Tensor, labels: Tensor, weights: Tensor | None) -> Tensor:
    """The squared distance of every logit from 1 if the document has the class, else from -1
    (Rifkin & Klautau 2004, "In Defense of One-Vs-All Classification")."""
    sides = 2 * _several(logits, labels) - 1
    return _mean_of_classes((logits - sides).square(), labels, weights)


def disagreement(one: Tensor, other: Tensor, *, apart: bool) -> Tensor:
    """How far two opinions on the same documents are from each other: the mean of the
    Kullback-Leibler divergences from either to the other (Liang et al. 2021, "R-Drop: Regularized
    Dropout for Neural Networks"), a scalar.

    Args:
        one, other: logits ``[batch, classes]``.
        apart: each class is judged for itself; of all of them the mean counts.
    """
    if apart:
        return ((one.sigmoid() - other.sigmoid()) * (one - other)).mean() / 2
    one, other = one.log_softmax(1), other.log_softmax(1)
    return ((one.exp() - other.exp()) * (one - other)).sum(1).mean() / 2


def _several(logits: Tensor, labels: Tensor) -> Tensor:
    if labels.dim() == 1:
        labels = functional.one_hot(labels, logits.shape[1])
    return labels.to(logits)


def _mean(losses: Tensor, labels: Tensor, weights: Tensor | None) -> Tensor:
    """The mean of losses that are multiplied by their weights already."""
    return losses.mean() if weights is None else losses.sum() / weights[labels].sum()


def _mean_of_classes(losses: Tensor, labels: Tensor, weights: Tensor | None) -> Tensor:
    """The weighted mean of losses ``[batch, classes]``: a document weighs what its label does, or,
    if it may have several, each class for itself."""
    if weights is None:
        return losses.mean()
    if labels.dim() == 2:
        return (losses * weights).mean() / weights.mean()
    return (losses.mean(1) * weights[labels]).sum() / weights[labels].sum()
