"""What the trainers of all networks share: from a network and a corpus to a model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textdl.classifiers.examples import Examples, training_and_validation
from textdl.classifiers.model import SentimentModel
from textdl.classifiers.networks import Network
from textdl.progress import Progress
from textdl.text.corpus import Corpus
from textdl.training.batches import Batches
from textdl.training.devices import Device
from textdl.training.loop import fit


def fit_network(
    network: Network,
    corpus: Corpus,
    *,
    split: str,
    validation: float,
    batch_size: int,
    max_length: int,
    epochs: int,
    lr: float,
    patience: int,
    seed: int,
    device: Device,
    checkpoints: Path | None,
    progress: Progress,
    info: dict[str, Any],
) -> SentimentModel:
    """Train a network on the labelled documents of a split; the settings are those of
    :func:`textdl.classifiers.trainers.train_textcnn`.

    Raises:
        InputError: the split can't be trained on, or the loss is no longer finite.
    """
    examples = training_and_validation(
        corpus, split, share=validation, seed=seed, progress=progress
    )

    def batches(part: Examples) -> Batches:
        return Batches(
            corpus.tokens, corpus.offsets, part.documents, part.labels, batch_size, max_length
        )

    training, held_out = map(batches, examples)
    history = fit(
        network,
        training,
        held_out,
        epochs=epochs,
        lr=lr,
        patience=patience,
        seed=seed,
        checkpoints=checkpoints,
        device=device,
        progress=progress,
    )
    best = history[history.best]
    progress.note(
        f"kept epoch {history.best + 1} of {len(history)}: validation accuracy "
        f"{best.validation_accuracy:.4f} on {len(held_out):,} documents"
    )
    counts = {"training": len(training), "validation": len(held_out)}
    return SentimentModel(
        network,
        corpus.vocab,
        corpus.tokenizer,
        corpus.label_names,
        max_length=max_length,
        history=history,
        info={**info, "examples": counts, "best_epoch": history.best + 1},
    )
