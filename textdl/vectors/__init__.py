"""Word vectors: load them from anything, ask them anything, save them as anything."""

from textdl.vectors import evaluate
from textdl.vectors.loading import load_vectors
from textdl.vectors.neighbors import Answers, Neighbors
from textdl.vectors.saving import save_vectors
from textdl.vectors.synonyms import Synonyms
from textdl.vectors.vectors import UnknownWordError, Vectors

__all__ = [
    "Answers",
    "Neighbors",
    "Synonyms",
    "UnknownWordError",
    "Vectors",
    "evaluate",
    "load_vectors",
    "save_vectors",
]
