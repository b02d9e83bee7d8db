"""Trainings of which a finished one is not done again."""

from __future__ import annotations

import inspect
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from textdl.classifiers.model import SentimentModel
from textdl.errors import InputError
from textdl.progress import Progress
from textdl.text.corpus import Corpus
from textdl.vectors import Vectors
from textdl.vectors.combining import gather

WITHOUT_EFFECT = ("checkpoint_steps", "device")
"""Settings that a finished model is the same with."""

Trainer = Callable[..., SentimentModel]


def trained_once(
    train: Trainer,
    corpus: Corpus,
    inputs: Mapping[str, Any],
    settings: Mapping[str, Any],
    folder: Path | None,
    progress: Progress,
) -> SentimentModel:
    """Train a model, or open it if the same was trained before.

    Args:
        inputs: ``vectors`` and ``init_from``, as far as there are any.
        folder: where the model and, until it is finished, its checkpoints lie; None keeps nothing.

    Raises:
        InputError: as ``train``.
    """
    call: dict[str, Any] = {**inputs, **settings, "progress": progress}
    if folder is None:
        return train(corpus, **call)
    finished = folder / f"finished-{_identity(train, corpus, settings, **inputs)}"
    if finished.is_dir():
        try:
            model = SentimentModel.load(finished)
            progress.note("was trained before")
            return model
        except InputError as error:
            progress.note(f"training it again: {error}")
            shutil.rmtree(finished)
    if takes_checkpoints(train):
        call["checkpoints"] = folder
    model = train(corpus, **call)
    scratch = folder / f"unfinished-{os.getpid()}"
    model.save(scratch)
    try:
        scratch.rename(finished)
    except OSError:
        # Another process of the same training may have come first.
        if not finished.is_dir():
            raise
        shutil.rmtree(scratch)
    return model


def takes_checkpoints(train: Trainer) -> bool:
    """Whether a killed training goes on from where it was."""
    return "checkpoints" in inspect.signature(train).parameters


def _identity(
    train: Trainer,
    corpus: Corpus,
    settings: Mapping[str, Any],
    vectors: Vectors | None = None,
    init_from: SentimentModel | None = None,
) -> str:
    """Names all that a model depends on."""
    from textdl.training.checkpoints import digest

    shown = {name: repr(value) for name, value in settings.items() if name not in WITHOUT_EFFECT}
    splits = {name: [rows.start, rows.stop] for name, rows in corpus.splits.items()}
    parts: list[Any] = [
        train.__name__, shown, splits, corpus.label_names, corpus.tokenizer.settings(), corpus.info,
        corpus.tokens, corpus.offsets, corpus.labels, *corpus.vocab.content(),
    ]  # fmt: skip
    if vectors is not None:
        parts += gather(vectors, corpus.vocab.words)
    if init_from is not None and hasattr(init_from, "network"):  # A vote of models is refused.
        parts += [repr(init_from.network), init_from.label_names, init_from.several]
        parts += [*init_from.vocab.content(), *init_from.network.state_dict().values()]
    return digest(*parts)[:16]
