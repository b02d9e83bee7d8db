"""Lists of words around centres, of which the nearest are searched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.progress import Progress
from textdl.vectors.indexes.faiss_structure import FaissStructure, import_faiss, padded, width
from textdl.vectors.indexes.structure import Settings

if TYPE_CHECKING:
    from textdl.vectors.vectors import Vectors

_SAMPLE = 64  # words for each centre to learn it from
_MORE = 64  # candidates beyond those that are asked for: half precision ranks them roughly


class Ivf(FaissStructure):
    """An inverted file (Sivic & Zisserman 2003, "Video Google") over the centres of spherical
    k-means."""

    @classmethod
    def defaults(cls, words: int) -> Settings:
        return {"nlist": min(words, round(2 * words**0.5)), "nprobe": 64}

    @classmethod
    def build(cls, vectors: Vectors, settings: Settings, seed: int, progress: Progress) -> Ivf:
        nlist = settings["nlist"]
        if nlist > len(vectors):
            raise InputError(f"nlist: {nlist} lists are more than {len(vectors)} words")
        faiss = import_faiss()
        centres = faiss.IndexFlatIP(width(vectors.dim))
        lists = faiss.IndexIVFScalarQuantizer(
            centres,
            centres.d,
            nlist,
            faiss.ScalarQuantizer.QT_fp16,
            faiss.METRIC_INNER_PRODUCT,
            False,
        )
        lists.cp.seed = seed
        lists.cp.spherical = True
        lists.cp.min_points_per_centroid = 1
        sample = np.random.default_rng(seed).permutation(len(vectors))[: _SAMPLE * nlist]
        progress.note(f"looking for {nlist:,} centres of {len(sample):,} words")
        lists.train(padded(vectors.rows(np.sort(sample))))
        ivf = cls(lists)
        ivf._add(vectors, progress)
        return ivf

    def candidates(
        self, queries: NDArray[np.float32], top: int, settings: Settings
    ) -> NDArray[np.int64]:
        search = import_faiss().SearchParametersIVF(nprobe=settings["nprobe"])
        rows: NDArray[np.int64]
        _, rows = self.faiss_index.search(padded(queries), top + _MORE, params=search)
        return rows
