"""Training a classifier: one function for each kind of network.

A pipeline file is checked against the functions' signatures, so torch is imported only when one of
them is called.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from annotated_types import Ge, Gt, Lt, MinLen

from textdl.classifiers.embedding import FROZEN, EmbeddingMode, initial_embedding
from textdl.classifiers.model import SentimentModel
from textdl.progress import Progress, Silent
from textdl.settings import checked
from textdl.text.corpus import Corpus
from textdl.training.devices import Device
from textdl.vectors import Vectors


@checked
def train_textcnn(
    corpus: Corpus,
    vectors: Vectors | None = None,
    *,
    embedding: EmbeddingMode = "tuned",
    dim: Annotated[int, Ge(1)] = 100,
    widths: Annotated[tuple[Annotated[int, Ge(1)], ...], MinLen(1)] = (3, 4, 5),
    maps: Annotated[int, Ge(1)] = 100,
    dropout: Annotated[float, Ge(0), Lt(1)] = 0.5,
    epochs: Annotated[int, Ge(1)] = 6,
    batch_size: Annotated[int, Ge(1)] = 64,
    lr: Annotated[float, Gt(0)] = 1e-3,
    max_length: Annotated[int, Ge(1)] = 1000,
    split: str = "train",
    validation: Annotated[float, Gt(0), Lt(1)] = 0.1,
    patience: Annotated[int, Ge(1)] = 2,
    seed: Annotated[int, Ge(0)] = 1,
    device: Device = "auto",
    checkpoints: Path | None = None,
    progress: Progress | None = None,
) -> SentimentModel:
    """Train a :class:`~textdl.classifiers.textcnn.TextCNN` on the labelled documents of a split.

    Args:
        vectors: word vectors to begin with; None only with ``embedding="random"``.
        embedding: ``static`` vectors stay as they are, ``tuned`` ones are trained too,
            ``two-channel`` has one of each, ``random`` ignores what ``vectors`` holds.
        dim: length of random vectors if there are no ``vectors``, whose length counts otherwise.
        widths: how many words the windows span.
        maps: filters per width.
        dropout: share of the features dropped in training.
        epochs: passes through the training documents, at most.
        batch_size: documents per step.
        lr: Adam's step size.
        max_length: of a longer document only the first so many tokens count.
        validation: share of the split that decides which epoch is kept, unless the corpus has a
            split of that name.
        patience: stop after so many epochs without a higher validation accuracy.
        seed: decides validation documents, initial weights, order and dropout.
        checkpoints: a folder for the state after each epoch; a killed training goes on from it.
        progress: what hears of examples, loss and accuracy.

    Returns:
        The model with the weights of its best epoch.

    Raises:
        InputError: a setting is out of range, the split can't be trained on, no word has a
            vector, or the loss is no longer finite.
    """
    import torch

    from textdl.classifiers.fitting import fit_network
    from textdl.classifiers.textcnn import TextCNN
    from textdl.training.randomness import seeded

    progress = progress or Silent()
    table, coverage = initial_embedding(
        corpus.vocab, vectors, embedding, dim=dim, seed=seed, progress=progress
    )
    settings = {
        "embedding": embedding, "dim": table.shape[1], "widths": list(widths), "maps": maps,
        "dropout": dropout, "epochs": epochs, "batch_size": batch_size, "lr": lr,
        "max_length": max_length, "split": split, "validation": validation, "patience": patience,
        "seed": seed,
    }  # fmt: skip
    with seeded(seed):
        network = TextCNN(
            words=len(corpus.vocab),
            dim=table.shape[1],
            classes=len(corpus.label_names),
            widths=widths,
            maps=maps,
            dropout=dropout,
            frozen=FROZEN[embedding],
        )
    for channel in network.channels:
        channel.load_state_dict({"weight": torch.from_numpy(table)})
    return fit_network(
        network,
        corpus,
        split=split,
        validation=validation,
        batch_size=batch_size,
        max_length=max_length,
        epochs=epochs,
        lr=lr,
        patience=patience,
        seed=seed,
        device=device,
        checkpoints=checkpoints,
        progress=progress,
        info={"settings": settings, "coverage": coverage},
    )
