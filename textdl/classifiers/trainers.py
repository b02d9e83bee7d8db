"""Training a classifier: one function for each kind of network.

A pipeline file is checked against the functions' signatures, so torch is imported only when one of
them is called.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from annotated_types import Ge, Lt, MinLen

from textdl.classifiers.choices import (
    BiRNNPooling,
    Cell,
    Norm,
    Positions,
    Scoring,
    TransformerPooling,
)
from textdl.classifiers.model import SentimentModel
from textdl.classifiers.settings import TrainingSettings
from textdl.progress import Progress
from textdl.settings import checked, with_settings_of
from textdl.text.corpus import Corpus
from textdl.training.recipe import Activation
from textdl.vectors import Vectors

Size = Annotated[int, Ge(1)]
Share = Annotated[float, Ge(0), Lt(1)]


@checked
@with_settings_of(TrainingSettings)
def train_textcnn(
    corpus: Corpus,
    vectors: Vectors | None = None,
    init_from: SentimentModel | None = None,
    *,
    widths: Annotated[tuple[Size, ...], MinLen(1)] = (3, 4, 5),
    maps: Size = 100,
    k: Size = 1,
    batch_norm: bool = False,
    activation: Activation = "relu",
    dropout: Share = 0.5,
    settings: TrainingSettings,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
) -> SentimentModel:
    """Train a :class:`~textdl.classifiers.textcnn.TextCNN` on the labelled documents of a split.

    Args:
        vectors: word vectors to begin with; None only with ``embedding="random"`` or ``init_from``.
        init_from: a model whose weights to begin with where they fit; the others begin anew.
        widths, maps, k, batch_norm, activation, dropout: those of the network.
        settings: its fields are keywords of this function:
            :class:`~textdl.classifiers.settings.TrainingSettings`.
        checkpoints: a folder for the state after each epoch; a killed training goes on from it.
        progress: what hears of examples, loss and accuracy.

    Returns:
        The model with the weights of its best epoch.

    Raises:
        InputError: a setting is out of range, the split can't be trained on, no word has a
            vector, nothing of ``init_from`` fits, or the loss is no longer finite.
    """
    from textdl.classifiers.fitting import fit_network
    from textdl.classifiers.textcnn import TextCNN

    architecture = {
        "widths": widths, "maps": maps, "k": k, "batch_norm": batch_norm,
        "activation": activation, "dropout": dropout,
    }  # fmt: skip
    return fit_network(
        TextCNN, architecture, corpus, vectors, init_from, settings, checkpoints, progress
    )


@checked
@with_settings_of(TrainingSettings)
def train_birnn(
    corpus: Corpus,
    vectors: Vectors | None = None,
    init_from: SentimentModel | None = None,
    *,
    cell: Cell = "lstm",
    hidden: Size = 100,
    layers: Size = 1,
    pooling: BiRNNPooling = "max",
    scoring: Scoring = "additive",
    window: Size | None = None,
    dropout: Share = 0.5,
    input_dropout: Share = 0.0,
    recurrent_dropout: Share = 0.0,
    locked: bool = False,
    settings: TrainingSettings,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
) -> SentimentModel:
    """Train a :class:`~textdl.classifiers.birnn.BiRNN` on the labelled documents of a split.

    Args:
        cell, hidden, layers, pooling, scoring, window: those of the network, as are
        dropout, input_dropout, recurrent_dropout, locked: these.

    The other arguments, the result and the errors are those of :func:`train_textcnn`.
    """
    from textdl.classifiers.birnn import BiRNN
    from textdl.classifiers.fitting import fit_network

    architecture = {
        "cell": cell, "hidden": hidden, "layers": layers, "pooling": pooling, "scoring": scoring,
        "window": window, "dropout": dropout, "input_dropout": input_dropout,
        "recurrent_dropout": recurrent_dropout, "locked": locked,
    }  # fmt: skip
    return fit_network(
        BiRNN, architecture, corpus, vectors, init_from, settings, checkpoints, progress
    )


@checked
@with_settings_of(TrainingSettings, warmup=0.1)
def train_transformer(
    corpus: Corpus,
    vectors: Vectors | None = None,
    init_from: SentimentModel | None = None,
    *,
    width: Size = 128,
    heads: Size = 4,
    layers: Size = 1,
    feedforward: Size = 256,
    activation: Activation = "gelu",
    norm: Norm = "pre",
    positions: Positions = "rotary",
    window: Size | None = None,
    pooling: TransformerPooling = "mean",
    scoring: Scoring = "additive",
    dropout: Share = 0.1,
    settings: TrainingSettings,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
) -> SentimentModel:
    """Train a :class:`~textdl.classifiers.transformer.Transformer` on the labelled documents of a
    split.

    Args:
        width, heads, layers, feedforward, activation, norm: those of the network, as are
        positions, window, pooling, scoring, dropout: these.

    The other arguments, the result and the errors are those of :func:`train_textcnn`.
    """
    from textdl.classifiers.fitting import fit_network
    from textdl.classifiers.transformer import Transformer

    architecture = {
        "width": width, "heads": heads, "layers": layers, "feedforward": feedforward,
        "activation": activation, "norm": norm, "positions": positions, "window": window,
        "pooling": pooling, "scoring": scoring, "dropout": dropout,
        "max_length": settings.max_length,
    }  # fmt: skip
    return fit_network(
        Transformer, architecture, corpus, vectors, init_from, settings, checkpoints, progress
    )
