"""Word vectors: load them from anything, ask them anything, save them as anything."""

from textdl.vectors.loading import load_vectors
from textdl.vectors.neighbors import Answers, Neighbors
from textdl.vectors.saving import save_vectors
from textdl.vectors.vectors import UnknownWordError, Vectors

__all__ = [
    "Answers",
    "Neighbors",
    "UnknownWordError",
    "Vectors",
    "load_vectors",
    "save_vectors",
]
