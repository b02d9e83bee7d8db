"""One training with several seeds: how much of a score is chance."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Self

from annotated_types import Ge

from textdl.classifiers.evaluation import Evaluation, evaluate
from textdl.classifiers.examples import training_and_validation
from textdl.classifiers.excerpt import excerpt
from textdl.classifiers.finished import Trainer, takes_checkpoints, trained_once
from textdl.classifiers.members import load_members, save_members
from textdl.classifiers.model import SentimentModel
from textdl.classifiers.scores import mean_and_std
from textdl.errors import InputError
from textdl.progress import Progress, Silent
from textdl.settings import checked
from textdl.text.corpus import Corpus
from textdl.training.history import Epoch
from textdl.vectors import Vectors

_DRAWING = {"split", "validation", "seed"}
"""Settings that decide which documents are held out."""


class Sweep(SentimentModel):
    """Models that differ by their seeds. It predicts as the one with the best validation score.

    Args:
        models: the members by name, at least one, each with a history.
        info: JSON that says where they come from.

    Attributes:
        best: the name of the member whose network, history and so on are its own.
    """

    def __init__(
        self, models: Mapping[str, SentimentModel], *, info: dict[str, Any] | None = None
    ) -> None:
        self.models = dict(models)
        self.best = max(self.models, key=lambda name: _best_epoch(self.models[name]).rank)
        vars(self).update({**vars(self.models[self.best]), "info": info or {}})

    def __repr__(self) -> str:
        return f"Sweep({', '.join(self.models)}; {self.best} is {self.models[self.best]!r})"

    def save(self, folder: str | Path) -> None:
        """Write ``model.json``, and every member into a folder of its own."""
        save_members(folder, "sweep", self.models, info=self.info)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        models, rest = load_members(folder, "sweep", "info")
        return cls(models, **rest)


@checked
def sweep(
    train: Trainer,
    corpus: Corpus,
    vectors: Vectors | None = None,
    init_from: SentimentModel | None = None,
    *,
    seeds: Annotated[int, Ge(1)] = 3,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> SentimentModel:
    """Train with ``seed``, ``seed + 1``, … For validation all hold out the same documents, which
    the first seed draws: so the members can be compared, and all may vote in an ensemble.

    >>> sweep(train_textcnn, corpus, vectors, seeds=3, epochs=4)  # doctest: +SKIP

    Args:
        train: a trainer that draws from a seed and holds documents out.
        seeds: how many; with 1 this is ``train``.
        checkpoints: a folder in which every member has one of its own: a killed sweep goes on with
            the member that it was at.
        settings: those of ``train``.

    Returns:
        A :class:`Sweep`; with one seed the model itself. Its ``info`` has the validation accuracy
        of every member, and of these the mean and the standard deviation.

    Raises:
        InputError: an argument is of another kind or out of range, or as ``train``.
    """
    parameters = inspect.signature(train).parameters
    given = {"vectors": vectors, "init_from": init_from}
    inputs = {name: value for name, value in given.items() if value is not None}
    if seeds == 1:
        resumed = {"checkpoints": checkpoints} if takes_checkpoints(train) else {}
        return train(corpus, **inputs, **settings, **resumed, progress=progress)
    if missing := _DRAWING - parameters.keys():
        raise InputError(f"{train.__name__} has no setting {min(missing)!r}, which a sweep needs")
    progress = progress or Silent()
    drawing = {name: settings.get(name, parameters[name].default) for name in _DRAWING}
    shared = _with_held_out(corpus, **drawing, progress=progress)
    first: int = drawing["seed"]
    models = {}
    for i in range(seeds):
        name, seed = f"seed {first + i}", first + i
        models[name] = trained_once(
            train,
            shared,
            inputs,
            {**settings, "seed": seed},
            checkpoints and checkpoints / f"seed-{seed}",
            _Part(progress, i, seeds, name),
        )
        _best_epoch(models[name])  # Without one the others need not be trained.
        models[name].info["held_out_by"] = first
    accuracies = {name: _best_epoch(its).validation_accuracy for name, its in models.items()}
    mean, std = mean_and_std(accuracies.values())
    result = Sweep(models)
    info = models[f"seed {first}"].info
    result.info = {
        **info,
        "settings": {**info["settings"], "seeds": seeds},
        "best": result.best,
        "validation_accuracy": {**accuracies, "mean": mean, "std": std},
    }
    progress.note(
        f"validation accuracy {mean:.4f} ± {std:.4f} over {seeds} seeds; kept {result.best}"
    )
    return result


def with_seeds(
    evaluation: Evaluation,
    corpus: Corpus,
    model: SentimentModel,
    *,
    progress: Progress | None = None,
) -> Evaluation:
    """An evaluation of a sweep with the scores of all members; one of another model as it is."""
    if not isinstance(model, Sweep):
        return evaluation
    scores = {
        name: evaluation.model
        if name == model.best
        else evaluate(corpus, its, split=evaluation.split).model
        for name, its in model.models.items()
    }
    mean, std = mean_and_std(its.accuracy for its in scores.values())
    if progress:
        progress.note(f"accuracy {mean:.4f} ± {std:.4f} over {len(scores)} seeds")
    seeds = {n: {"accuracy": s.accuracy, "macro_f1": s.macro_f1} for n, s in scores.items()}
    return replace(evaluation, seeds=seeds)


class _Part:
    """Tells of one of several trainings as a part of the whole."""

    def __init__(self, progress: Progress, i: int, of: int, name: str) -> None:
        self._progress = progress
        self._i, self._of = i, of
        self._name = name

    def update(self, done: float, total: float, unit: str, **facts: float) -> None:
        self._progress.update(self._i * total + done, self._of * total, unit, **facts)

    def note(self, text: str) -> None:
        self._progress.note(f"{self._name}: {text}")


@checked
def _with_held_out(
    corpus: Corpus,
    *,
    split: str,
    validation: float,
    seed: Annotated[int, Ge(0)],
    progress: Progress,
) -> Corpus:
    """A corpus with a split ``validation``: the same if it has one, else one of what is drawn."""
    parts = training_and_validation(
        corpus, split, share=validation, seed=seed, progress=progress, several=True
    )
    if parts[1].documents[0] not in corpus.splits.get("validation", range(0)):
        return excerpt(corpus, dict(zip((split, "validation"), parts, strict=True)))
    if split == "validation":
        raise InputError("a sweep can't train on a split 'validation': give it another name")
    return corpus


def _best_epoch(model: SentimentModel) -> Epoch:
    if not model.history:
        raise InputError(f"{model!r} has no validation score that a sweep could choose by")
    return model.history[model.history.best]
