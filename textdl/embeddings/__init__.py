"""Word embeddings: one module per model, each with a trainer that is an ordinary function."""

from textdl.embeddings.skipgram import train_skipgram

__all__ = ["train_skipgram"]
