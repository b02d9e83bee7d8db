"""Word embeddings: one module per model, each with a trainer that is an ordinary function."""

from textdl.embeddings.cbow import train_cbow
from textdl.embeddings.cooccurrence import Cooccurrences, count_cooccurrences
from textdl.embeddings.fasttext import train_fasttext
from textdl.embeddings.glove import train_glove
from textdl.embeddings.skipgram import train_skipgram

__all__ = [
    "Cooccurrences",
    "count_cooccurrences",
    "train_cbow",
    "train_fasttext",
    "train_glove",
    "train_skipgram",
]
