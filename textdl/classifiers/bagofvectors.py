"""The fast baseline: a linear classifier over the mean of word and n-gram vectors, as in fastText
(Joulin et al. 2017, "Bag of Tricks for Efficient Text Classification")."""

from __future__ import annotations

import math
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le, Lt

from textdl.classifiers.embedding import EmbeddingMode, initial_embedding
from textdl.classifiers.examples import training_and_validation
from textdl.classifiers.model import SentimentModel
from textdl.classifiers.ngrams import document_ngrams
from textdl.compiling import announced_compilation
from textdl.errors import InputError
from textdl.progress import Progress, Silent
from textdl.settings import checked
from textdl.text.corpus import Corpus
from textdl.training.history import Epoch, History
from textdl.vectors import Vectors


@checked
def train_bag_of_vectors(
    corpus: Corpus,
    vectors: Vectors | None = None,
    *,
    dim: Annotated[int, Ge(1)] = 10,
    longest: Annotated[int, Ge(1), Le(10)] = 2,
    buckets: Annotated[int, Ge(1), Lt(2**30)] = 2_000_000,
    dropout: Annotated[float, Ge(0), Lt(1)] = 0.5,
    epochs: Annotated[int, Ge(1)] = 10,
    lr: Annotated[float, Gt(0)] = 0.5,
    split: str = "train",
    validation: Annotated[float, Gt(0), Lt(1)] = 0.1,
    seed: Annotated[int, Ge(0)] = 1,
    progress: Progress | None = None,
) -> SentimentModel:
    """Train a :class:`~textdl.classifiers.meanvectors.MeanVectors` on the labelled documents of a
    split. The same corpus, vectors and seed give the same model.

    Args:
        vectors: word vectors to begin with; otherwise all are drawn.
        dim: length of the vectors if there are none to begin with, whose length counts otherwise.
        longest: words in the longest n-grams.
        buckets: n-grams of two words or more share so many vectors.
        dropout: share of the words and n-grams that a mean leaves out in training (Iyyer et al.
            2015, "Deep Unordered Composition Rivals Syntactic Methods for Text Classification").
        epochs: passes through the training documents.
        lr: the learning rate at the beginning; it falls linearly to 0 over all epochs.
        validation: share of the split that decides which epoch is kept, unless the corpus has a
            split of that name.
        seed: decides validation documents, initial vectors, order and dropout.
        progress: what hears of examples, loss and accuracy.

    Raises:
        InputError: a setting is out of range, the split can't be trained on, no word has a vector,
            or the loss is no longer finite.
    """
    import torch

    from textdl.classifiers.kernels.bagofvectors import train_epoch
    from textdl.classifiers.meanvectors import MeanVectors

    progress = progress or Silent()
    mode: EmbeddingMode = "random" if vectors is None else "tuned"
    start, coverage = initial_embedding(
        corpus.vocab, vectors, mode, dim=dim, seed=seed, progress=progress
    )
    words, dim, classes = len(corpus.vocab), start.shape[1], len(corpus.label_names)
    network = MeanVectors(
        words=words,
        dim=dim,
        classes=classes,
        longest=longest,
        buckets=buckets if longest > 1 else 0,
    ).requires_grad_(False)
    network.table[:words] = torch.from_numpy(start)
    parameters = [p.numpy() for p in (network.table, network.weights, network.bias)]

    training, held_out = training_and_validation(
        corpus, split, share=validation, seed=seed, progress=progress
    )
    labels = np.concatenate([training.labels, held_out.labels])
    rows, offsets = document_ngrams(
        corpus,
        np.concatenate([training.documents, held_out.documents]),
        longest,
        network.rows,
    )
    data = (rows.astype(np.int32), offsets, labels)
    validated = np.arange(len(training), len(labels))
    with announced_compilation(progress):
        train_epoch(*parameters, *data, validated[:0], 0.0, 0.0, 0.0, np.uint64(0))

    history, best = History(), [p.copy() for p in parameters]
    for epoch in range(epochs):
        generator = np.random.default_rng([seed, epoch])
        rates = lr * (1 - epoch / epochs), lr * (1 - (epoch + 1) / epochs)
        order = generator.permutation(len(training))
        drawn = generator.integers(0, 2**64, dtype=np.uint64)
        loss, right = train_epoch(*parameters, *data, order, *rates, dropout, drawn)
        if not math.isfinite(loss):
            raise InputError(f"the loss became {loss} in epoch {epoch + 1}: lower lr ({lr:g})")
        # A learning rate of 0 changes nothing.
        held_loss, held_right = train_epoch(*parameters, *data, validated, 0.0, 0.0, 0.0, drawn)
        history.append(
            Epoch(
                loss / len(training),
                right / len(training),
                held_loss / len(held_out),
                held_right / len(held_out),
            )
        )
        if history.best == epoch:
            best = [p.copy() for p in parameters]
        last = history[-1]
        facts = {"loss": last.loss, "accuracy": last.accuracy}
        progress.update((epoch + 1) * len(training), epochs * len(training), "examples", **facts)
        progress.note(
            f"epoch {epoch + 1} of {epochs}: loss {last.loss:.4f}, validation loss "
            f"{last.validation_loss:.4f}, validation accuracy {last.validation_accuracy:.4f}"
        )
    for parameter, values in zip(parameters, best, strict=True):
        parameter[:] = values
    settings = {
        "dim": dim, "longest": longest, "buckets": buckets, "dropout": dropout, "epochs": epochs,
        "lr": lr, "split": split, "validation": validation, "seed": seed,
    }  # fmt: skip
    return SentimentModel(
        network,
        corpus.vocab,
        corpus.tokenizer,
        corpus.label_names,
        history=history,
        info={
            "settings": settings,
            "coverage": coverage,
            "examples": {"training": len(training), "validation": len(held_out)},
            "best_epoch": history.best + 1,
            "corpus": corpus.info,
        },
    )
