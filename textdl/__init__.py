"""Word embeddings and sentiment classifiers as stages of a cached, resumable pipeline.

>>> import textdl
>>> run = textdl.run("pipelines/quickstart.toml")  # doctest: +SKIP
>>> run.skipgram.neighbors("awful")  # doctest: +SKIP
>>> run.textcnn.predict(["I wanted to like it."])  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textdl.api import plan, run
    from textdl.classifiers import (
        SentimentModel,
        fit_bag_of_words,
        fit_nbsvm,
        load_model,
        train_bag_of_vectors,
        train_birnn,
        train_textcnn,
        train_transformer,
        vote,
    )
    from textdl.classifiers.estimator import SentimentClassifier
    from textdl.embeddings import (
        count_cooccurrences,
        train_cbow,
        train_fasttext,
        train_glove,
        train_skipgram,
    )
    from textdl.errors import InputError
    from textdl.pipeline import PipelineError, StageFailedError
    from textdl.text import (
        BpeTokenizer,
        Corpus,
        Documents,
        build_corpus,
        find_phrases,
        read_documents,
        train_bpe,
    )
    from textdl.vectors import Vectors, load_vectors, save_vectors

__version__ = "0.1.0"

__all__ = [
    "BpeTokenizer",
    "Corpus",
    "Documents",
    "InputError",
    "PipelineError",
    "SentimentClassifier",
    "SentimentModel",
    "StageFailedError",
    "Vectors",
    "build_corpus",
    "count_cooccurrences",
    "find_phrases",
    "fit_bag_of_words",
    "fit_nbsvm",
    "load_model",
    "load_vectors",
    "plan",
    "read_documents",
    "run",
    "save_vectors",
    "train_bag_of_vectors",
    "train_birnn",
    "train_bpe",
    "train_cbow",
    "train_fasttext",
    "train_glove",
    "train_skipgram",
    "train_textcnn",
    "train_transformer",
    "vote",
]

# Imported when first used, so that ``import textdl`` stays instant.
_HOMES = {
    "textdl.api": ("plan", "run"),
    "textdl.classifiers": (
        "SentimentModel",
        "fit_bag_of_words",
        "fit_nbsvm",
        "load_model",
        "train_bag_of_vectors",
        "train_birnn",
        "train_textcnn",
        "train_transformer",
        "vote",
    ),
    "textdl.classifiers.estimator": ("SentimentClassifier",),
    "textdl.embeddings": (
        "count_cooccurrences",
        "train_cbow",
        "train_fasttext",
        "train_glove",
        "train_skipgram",
    ),
    "textdl.errors": ("InputError",),
    "textdl.pipeline": ("PipelineError", "StageFailedError"),
    "textdl.text": (
        "BpeTokenizer",
        "Corpus",
        "Documents",
        "build_corpus",
        "find_phrases",
        "read_documents",
        "train_bpe",
    ),
    "textdl.vectors": ("Vectors", "load_vectors", "save_vectors"),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(home), name)
    raise AttributeError(f"module 'textdl' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
