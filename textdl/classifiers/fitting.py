"""What the trainers of all networks share: from a network's settings and a corpus to a model."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from textdl.classifiers.augmentation import Augmentation, augmentation
from textdl.classifiers.embedding import FROZEN, initial_embedding
from textdl.classifiers.ensemble import Ensemble
from textdl.classifiers.examples import Examples, training_and_validation
from textdl.classifiers.finetuning import features_of, freeze, table_of, take_over
from textdl.classifiers.model import SentimentModel
from textdl.classifiers.networks import Encoder
from textdl.classifiers.settings import TrainingSettings
from textdl.errors import InputError
from textdl.progress import Progress, Silent
from textdl.text.corpus import Corpus
from textdl.training.batches import Batches
from textdl.training.constraints import weights_of
from textdl.training.loop import fit
from textdl.training.randomness import seeded
from textdl.vectors import Vectors

_DISTURBING = ("word_dropout", "embedding_dropout", "input_noise", "augment")
"""Settings that make another input of a document in every epoch."""


def fit_network(
    kind: type[Encoder],
    architecture: dict[str, Any],
    corpus: Corpus,
    vectors: Vectors | None,
    init_from: SentimentModel | None,
    settings: TrainingSettings,
    checkpoints: Path | None,
    progress: Progress | None,
) -> SentimentModel:
    """Make a network and train it on the labelled documents of a split.

    Args:
        architecture: the settings of the network that corpus and vectors don't decide.

    Raises:
        InputError: as :func:`textdl.classifiers.trainers.train_textcnn`.
    """
    progress = progress or Silent()
    examples = training_and_validation(
        corpus,
        settings.split,
        share=settings.validation,
        seed=settings.seed,
        progress=progress,
        several=True,
    )
    if isinstance(init_from, Ensemble):
        raise InputError("init_from: an ensemble has no weights of its own: give one of its models")
    if init_from is None and settings.reset:
        raise InputError(
            f"reset: {', '.join(settings.reset)}: it says what of init_from begins anew, and there "
            "is none: give one, or leave it out"
        )
    if init_from is not None and settings.initialisation != "own":
        raise InputError(
            f"initialisation {settings.initialisation!r} draws anew what init_from gives: leave "
            "one of them out"
        )
    if vectors is None and init_from is not None and "channels" not in settings.reset:
        vectors = table_of(init_from)
    table, coverage = initial_embedding(
        corpus.vocab,
        vectors,
        settings.embedding,
        dim=settings.dim,
        seed=settings.seed,
        progress=progress,
    )
    with seeded(settings.seed):
        network = kind(
            words=len(corpus.vocab),
            dim=table.shape[1],
            classes=len(corpus.label_names),
            frozen=FROZEN[settings.embedding],
            **architecture,
        )
    for channel in network.channels:
        channel.load_state_dict({"weight": torch.from_numpy(table)})
    if init_from is not None:
        take_over(network, corpus, init_from, settings.reset, progress)
    freeze(network, settings.freeze)
    augmented = augmentation(settings.augment, corpus.vocab, vectors, progress)
    training, held_out = (
        _batches(corpus, part, settings, augmented if part is examples[0] else None)
        for part in examples
    )
    trained: torch.nn.Module = network
    if not any(getattr(settings, name) for name in _DISTURBING):
        trained, training, held_out = features_of(
            network, training, held_out, device=settings.device, progress=progress
        )
    recipe = settings
    if trained is not network and settings.max_norm:
        weights_of(network, settings.max_norm_layers)
        left = [name for name in settings.max_norm_layers if name == "output"]
        recipe = settings.changed(max_norm_layers=tuple(left))
    history = fit(
        trained,
        training,
        held_out,
        recipe=recipe,
        checkpoints=checkpoints,
        checkpoint_steps=settings.checkpoint_steps,
        device=settings.device,
        progress=progress,
    )
    best = history[history.best]
    progress.note(
        f"kept epoch {history.best + 1} of {len(history)}: validation accuracy "
        f"{best.validation_accuracy:.4f} on {len(held_out):,} documents"
    )
    return SentimentModel(
        network,
        corpus.vocab,
        corpus.tokenizer,
        corpus.label_names,
        max_length=settings.max_length,
        several=examples[0].several,
        apart=settings.loss == "binary",
        history=history,
        info={
            "settings": _recorded({**architecture, **asdict(settings), "dim": table.shape[1]}),
            "coverage": coverage,
            "examples": {"training": len(training), "validation": len(held_out)},
            "best_epoch": history.best + 1,
            "corpus": corpus.info,
        },
    )


def _batches(
    corpus: Corpus, part: Examples, settings: TrainingSettings, augmented: Augmentation | None
) -> Batches:
    return Batches(
        corpus.tokens,
        corpus.offsets,
        part.documents,
        part.labels,
        settings.batch_size,
        settings.max_length,
        augmented,
    )


def _recorded(settings: dict[str, Any]) -> dict[str, Any]:
    """What a result depends on, as JSON."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in settings.items()
        if name not in ("device", "checkpoint_steps")
    }
