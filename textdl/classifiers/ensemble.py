"""Models that vote: the weighted mean of their probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from annotated_types import Ge, Gt, Lt
from numpy.typing import NDArray

from textdl.classifiers.examples import check_held_out, check_labels, training_and_validation
from textdl.classifiers.excerpt import excerpt
from textdl.classifiers.inputs import checked_texts
from textdl.classifiers.members import load_members, save_members
from textdl.classifiers.model import SentimentModel
from textdl.classifiers.scores import decide, score_labels
from textdl.errors import InputError
from textdl.progress import Progress, Silent
from textdl.settings import checked
from textdl.text.corpus import Corpus
from textdl.training.history import History

LEAST_LIKELIHOOD = 1e-12


class Ensemble(SentimentModel):
    """A soft vote. The members may differ in everything but their labels, in vocabulary and
    tokenizer too; a corpus can be predicted if it has the vocabulary of all of them.

    Args:
        models: the members by name, at least one.
        weights: how much each counts, in the order of ``models``; they are scaled to a sum of 1.
            Equal unless given.
        info: JSON that says where it comes from.

    Raises:
        InputError: there are no models by name, their labels differ, or the weights are not one per
            member, finite, none negative and not all 0.
    """

    def __init__(
        self,
        models: Mapping[str, SentimentModel],
        weights: Sequence[float] | NDArray[np.floating] | None = None,
        *,
        info: dict[str, Any] | None = None,
    ) -> None:
        if not isinstance(models, Mapping) or not models:
            raise InputError("an ensemble needs models by name: give at least one in a dict")
        self.models = dict(models)
        for name, model in self.models.items():
            if not isinstance(model, SentimentModel):
                raise InputError(f"{name} is no trained model but a {type(model).__name__}")
        first, *others = self.models
        self.label_names = self.models[first].label_names
        self.several = self.models[first].several
        for name in others:
            if self.models[name].label_names != self.label_names:
                raise InputError(
                    f"{first} has the labels {', '.join(self.label_names)}, but {name} has "
                    f"{', '.join(self.models[name].label_names)}: only models of the same labels, "
                    "in the same order, can vote"
                )
            if self.models[name].several != self.several:
                raise InputError(
                    f"{first} and {name} don't agree on whether a text can have several labels: "
                    "only models that do can vote"
                )
        try:
            given = np.asarray([1] * len(self.models) if weights is None else weights, np.float64)
        except (TypeError, ValueError):
            given = np.zeros(0)
        if given.shape != (len(self.models),) or not (
            np.isfinite(given).all() and given.min() >= 0 and given.max() > 0
        ):
            raise InputError(
                f"weights {weights!r}: an ensemble of {len(self.models)} models needs as many "
                "numbers, none of them negative and not all 0"
            )
        given = given / given.max()
        self.weights = given / given.sum()
        self.history = History()
        self.info = info or {}

    def __repr__(self) -> str:
        pairs = zip(self.models, self.weights.tolist(), strict=True)
        return f"Ensemble({', '.join(f'{name} {weight:.3f}' for name, weight in pairs)})"

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float32]:
        texts = checked_texts(texts)
        return self._mean([model.predict_proba(texts) for model in self.models.values()])

    def predict_corpus(self, corpus: Corpus, split: str) -> NDArray[np.float32]:
        return self._mean([model.predict_corpus(corpus, split) for model in self.models.values()])

    def _mean(self, probabilities: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        return np.asarray(np.tensordot(self.weights, probabilities, 1), np.float32)

    def save(self, folder: str | Path) -> None:
        """Write ``model.json``, and every member into a folder of its own, ``member-0``, …"""
        save_members(folder, "ensemble", self.models, weights=self.weights.tolist(), info=self.info)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        models, rest = load_members(folder, "ensemble", "weights", "info")
        return cls(models, **rest)


@checked
def vote(
    corpus: Corpus,
    models: dict[str, SentimentModel],
    *,
    weights: Literal["validation", "equal"] = "validation",
    split: str = "train",
    validation: Annotated[float, Gt(0), Lt(1)] = 0.1,
    seed: Annotated[int, Ge(0)] = 1,
    progress: Progress | None = None,
) -> Ensemble:
    """Make an ensemble of trained models.

    Args:
        corpus: what the models were trained on.
        weights: ``validation`` are those of the highest mean log-probability of the right label, or
            of having and lacking each of several, on the validation documents, which are the same
            that the members' training held out.
        split, validation, seed: say which these are, and must be as they were in the members'
            training unless the corpus has a split ``validation``.
        progress: what hears of the weights.

    Raises:
        InputError: there is no model, their labels or vocabulary are not those of the corpus, only
            the corpus or only they have several labels per document, or one of them was trained on
            validation documents.
    """
    progress = progress or Silent()
    settings = {"weights": weights, "split": split, "validation": validation, "seed": seed}
    ensemble = Ensemble(models)
    if weights == "validation":
        _, held_out = training_and_validation(
            corpus, split, share=validation, seed=seed, progress=progress, several=True
        )
        if held_out.documents[0] not in corpus.splits.get("validation", range(0)):
            held_out_by = {"split": split, "validation": validation, "seed": seed}
            check_held_out(models, held_out_by, instead=", or set weights to 'equal'")
        if held_out.several != ensemble.several:
            raise InputError(
                "the corpus and the models don't agree on whether a document can have several "
                "labels: weigh models by labels like those that they were trained with"
            )
        check_labels(ensemble.label_names, corpus)
        part = excerpt(corpus, {"validation": held_out})
        predicted = [model.predict_corpus(part, "validation") for model in models.values()]
        likelihoods = np.stack([_of_truth(p, held_out.labels) for p in predicted], 1)
        ensemble = Ensemble(models, soft_vote_weights(likelihoods))
        decided = decide(ensemble._mean(predicted), several=ensemble.several)
        right = score_labels(held_out.labels, decided, ensemble.label_names).accuracy
        progress.note(f"{ensemble!r}: validation accuracy {right:.4f} on {len(held_out):,}")
        ensemble.info["validation_accuracy"] = right
    ensemble.info |= {
        "settings": settings,
        "weights": dict(zip(models, ensemble.weights.tolist(), strict=True)),
        "corpus": corpus.info,
    }
    return ensemble


def soft_vote_weights(likelihoods: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weights of the highest mean log of the weighted mean, float64 ``[models]``.

    They are found by expectation maximisation for the weights of a mixture (Dempster, Laird & Rubin
    1977, "Maximum Likelihood from Incomplete Data via the EM Algorithm"); the mean is concave in
    them, so no other weights are better.

    Args:
        likelihoods: float64 ``[decisions, models]``, the probability of what is right.
    """
    likelihoods = np.maximum(likelihoods, LEAST_LIKELIHOOD)
    weights = np.full(likelihoods.shape[1], 1 / likelihoods.shape[1])
    for _ in range(10_000):
        shares = likelihoods * weights
        before, weights = weights, (shares / shares.sum(1, keepdims=True)).mean(0)
        if np.abs(weights - before).max() < 1e-7:
            break
    return weights


def _of_truth(probabilities: NDArray[np.float32], labels: NDArray[np.int32]) -> NDArray[np.float64]:
    """The probability of each document's label, float64 ``[documents]``; or, of several, of having
    or lacking each, ``[documents * classes]``."""
    sure = probabilities.astype(np.float64)
    if labels.ndim == 2:
        return np.where(labels > 0, sure, 1 - sure).ravel()
    return sure[np.arange(len(labels)), labels]
