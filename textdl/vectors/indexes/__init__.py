"""Approximate search for the nearest of many vectors."""

from textdl.vectors.indexes.building import build_index, load_index
from textdl.vectors.indexes.index import Index

__all__ = ["Index", "build_index", "load_index"]
