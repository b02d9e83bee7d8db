"""Word vectors: look them up, ask for neighbours and analogies, load and save."""

from textdl.vectors.loading import load_vectors
from textdl.vectors.neighbors import Neighbors
from textdl.vectors.vectors import UnknownWordError, Vectors

__all__ = ["Neighbors", "UnknownWordError", "Vectors", "load_vectors"]
