"""A graph of neighbours, searched greedily from coarse to fine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from textdl.progress import Progress
from textdl.vectors.indexes.faiss_structure import (
    FaissStructure,
    import_faiss,
    padded,
    threads,
    width,
)
from textdl.vectors.indexes.structure import Settings

if TYPE_CHECKING:
    from textdl.vectors.vectors import Vectors


class Hnsw(FaissStructure):
    """A hierarchical navigable small world (Malkov & Yashunin 2018)."""

    @classmethod
    def defaults(cls, words: int) -> Settings:
        return {"m": 16, "ef_construction": 100, "ef_search": 128, "workers": 1}

    @classmethod
    def build(cls, vectors: Vectors, settings: Settings, seed: int, progress: Progress) -> Hnsw:
        faiss = import_faiss()
        graph = faiss.IndexHNSWSQ(
            width(vectors.dim),
            faiss.ScalarQuantizer.QT_fp16,
            settings["m"],
            faiss.METRIC_INNER_PRODUCT,
        )
        graph.hnsw.efConstruction = settings["ef_construction"]
        graph.hnsw.rng = faiss.RandomGenerator(seed)
        hnsw = cls(graph)
        with threads(settings["workers"]):
            hnsw._add(vectors, progress)
        return hnsw

    def candidates(
        self, queries: NDArray[np.float32], top: int, settings: Settings
    ) -> NDArray[np.int64]:
        view = max(settings["ef_search"], top)
        search = import_faiss().SearchParametersHNSW(efSearch=view)
        rows: NDArray[np.int64]
        _, rows = self.faiss_index.search(padded(queries), view, params=search)
        return rows
