"""The classifiers as a scikit-learn estimator."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from textdl.classifiers.bagofvectors import train_bag_of_vectors
from textdl.classifiers.inputs import checked_texts, numbered
from textdl.classifiers.loading import load_model
from textdl.classifiers.model import SentimentModel
from textdl.classifiers.nbsvm import fit_nbsvm
from textdl.classifiers.scores import decide
from textdl.classifiers.trainers import train_birnn, train_textcnn, train_transformer
from textdl.errors import InputError
from textdl.packed import PackedStrings
from textdl.settings import unknown_setting
from textdl.text.corpus import Corpus
from textdl.text.documents import Documents
from textdl.text.encoding import build_corpus
from textdl.text.tokenizers import UNTRAINED, Tokenizer
from textdl.vectors import Vectors, load_vectors

TRAINERS: dict[str, Callable[..., SentimentModel]] = {
    "bag_of_vectors": train_bag_of_vectors,
    "birnn": train_birnn,
    "nbsvm": fit_nbsvm,
    "textcnn": train_textcnn,
    "transformer": train_transformer,
}

LOSSES_OF_CHOICE = ("birnn", "textcnn", "transformer")
"""Networks that learn by any loss, those of several labels too, and begin with any vectors."""


class SentimentClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A tokenizer, a vocabulary and a classifier, trained on a list of texts.

    It clones, pickles, and goes into pipelines and searches. scikit-learn's ``check_estimator`` has
    tables of numbers only, and of an estimator that takes strings it checks no more than that it
    clones. Given the numbers as words, this one passes; the checks of sparse, complex, infinite and
    missing numbers, of their dtype and of ``n_features_in_`` do not apply: there are no such texts.

    Args:
        network: ``bag_of_vectors``, ``birnn``, ``nbsvm``, ``textcnn`` or ``transformer``.
        vectors: word vectors to begin with, or what :func:`~textdl.load_vectors` opens, in ``fit``:
            then clones and workers don't carry them. None: random ones.
        tokenizer: cuts the texts, or the name of one that needs no training: ``words``,
            ``characters`` or ``jieba``. By default that of the vectors if they have one, else
            words.
        min_count: words that occur less often count as unknown.
        epochs, lr, dropout: those of the network's trainer; None: its own.
        seed: decides whatever is drawn.
        settings: more of the trainer's settings by name.

    Attributes:
        classes_: the labels in ascending order, ``[classes]``; of several per text 0, 1, …
        model_: the trained :class:`~textdl.classifiers.SentimentModel`.
    """

    def __init__(
        self,
        network: str = "textcnn",
        *,
        vectors: Vectors | str | os.PathLike[str] | None = None,
        tokenizer: Tokenizer | str | None = None,
        min_count: int = 1,
        epochs: int | None = None,
        lr: float | None = None,
        dropout: float | None = None,
        seed: int = 1,
        settings: dict[str, Any] | None = None,
    ) -> None:
        self.network = network
        self.vectors = vectors
        self.tokenizer = tokenizer
        self.min_count = min_count
        self.epochs = epochs
        self.lr = lr
        self.dropout = dropout
        self.seed = seed
        self.settings = settings

    def fit(self, texts: Sequence[str], y: Any) -> Self:
        """Train a model.

        Args:
            texts: strings ``[n]``.
            y: a label for each, strings or whole numbers ``[n]``; or, if a text may have several, 0
                and 1 in ``[n, classes]``.

        Raises:
            InputError: the texts are no strings, there are not as many labels or less than two
                different ones, or the trainer can't use a setting or the labels.
        """
        if not isinstance(self.network, str) or self.network not in TRAINERS:
            raise InputError(f"no network {self.network!r}: there are {', '.join(TRAINERS)}")
        texts = checked_texts(texts)
        if not texts:
            raise InputError("no texts to train on")
        classes, labels = numbered(y)
        if len(texts) != len(labels):
            raise InputError(f"{len(texts)} texts and {len(labels)} labels: each text needs one")
        vectors = self.vectors
        if isinstance(vectors, str | os.PathLike):
            vectors = load_vectors(vectors)
        if not isinstance(vectors, Vectors | None):
            raise InputError(
                f"vectors: a {type(vectors).__name__} is none: give textdl.Vectors, or what "
                "load_vectors opens or Vectors.from_gensim makes"
            )
        with tempfile.TemporaryDirectory() as folder:
            corpus = build_corpus(
                Documents(
                    PackedStrings.pack(texts),
                    labels,
                    [str(name) for name in classes],
                    {"train": range(len(texts))},
                    {},
                ),
                folder,
                tokenizer=self._tokenizer(vectors),
                min_count=self.min_count,
            )
            self.model_ = self._train(corpus, vectors)
        self.classes_ = classes
        return self

    def predict(self, texts: Sequence[str]) -> NDArray[Any]:
        """The most probable label of each text ``[n]``, or, if it may have several, 1 for those of
        a probability of at least 0.5, else 0, ``[n, classes]``.

        Raises:
            InputError: the texts are no strings.
        """
        probabilities = self.predict_proba(texts)
        chosen = decide(probabilities, several=self.model_.several)
        return chosen if self.model_.several else self.classes_[chosen]

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The probability of each label, float32 ``[n, classes]``.

        Raises:
            InputError: the texts are no strings.
        """
        check_is_fitted(self)
        return self.model_.predict_proba(texts)

    def _tokenizer(self, vectors: Vectors | None) -> Tokenizer | None:
        if isinstance(self.tokenizer, str):
            if self.tokenizer not in UNTRAINED:
                names = ", ".join(UNTRAINED)
                raise InputError(
                    f"no tokenizer {self.tokenizer!r}: there are {names}; give a trained one itself"
                )
            return UNTRAINED[self.tokenizer]()
        if self.tokenizer is None and vectors is not None:
            return getattr(vectors.composition, "tokenizer", None)
        return self.tokenizer

    def _train(self, corpus: Corpus, vectors: Vectors | None) -> SentimentModel:
        trainer = TRAINERS[self.network]
        own = {"epochs": self.epochs, "lr": self.lr, "dropout": self.dropout, "seed": self.seed}
        settings: dict[str, Any] = {name: x for name, x in own.items() if x is not None}
        more = {} if self.settings is None else self.settings
        if not isinstance(more, Mapping) or not all(isinstance(name, str) for name in more):
            raise InputError(f"settings: a dict of the trainer's settings, not {more!r}")
        if twice := sorted({*own, "corpus", "vectors"} & more.keys()):
            raise InputError(f"settings: {twice[0]} is a parameter of its own")
        settings |= more
        if problem := unknown_setting(trainer, settings):
            raise InputError(problem)
        if self.network in LOSSES_OF_CHOICE:
            if vectors is None and "init_from" not in settings:
                settings.setdefault("embedding", "random")
            if corpus.labels.ndim == 2:
                settings.setdefault("loss", "binary")
        if self.network != "nbsvm":
            settings["vectors"] = vectors
        elif vectors is not None:
            raise InputError("nbsvm reads no vectors: leave them out")
        return trainer(corpus, **settings)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.classifier_tags.multi_label = self.network != "bag_of_vectors"
        return tags

    def __getstate__(self) -> dict[str, Any]:
        """The model as the files of its folder, so that none of its code is pickled."""
        state = dict(super().__getstate__())
        if "model_" in state:
            with tempfile.TemporaryDirectory() as folder:
                state["model_"].save(folder)
                files = sorted(Path(folder).iterdir())
                state["model_"] = {path.name: path.read_bytes() for path in files}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "model_" in state:
            with tempfile.TemporaryDirectory() as folder:
                for name, content in state["model_"].items():
                    (Path(folder) / name).write_bytes(content)
                state = {**state, "model_": load_model(folder)}
        super().__setstate__(state)
