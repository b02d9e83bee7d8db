"""Word vectors: look them up, ask for neighbours and analogies, load and save."""

from textdl.vectors.evaluation import (
    AnalogyScore,
    SimilarityScore,
    evaluate_analogies,
    evaluate_similarity,
    evaluation_file,
)
from textdl.vectors.loading import load_vectors
from textdl.vectors.neighbors import Neighbors
from textdl.vectors.saving import save_vectors
from textdl.vectors.vectors import UnknownWordError, Vectors

__all__ = [
    "AnalogyScore",
    "Neighbors",
    "SimilarityScore",
    "UnknownWordError",
    "Vectors",
    "evaluate_analogies",
    "evaluate_similarity",
    "evaluation_file",
    "load_vectors",
    "save_vectors",
]
