"""Exact cosines: of all rows, and of candidates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from textdl.progress import Progress
from textdl.tensors import Tensors
from textdl.threads import Threads, kept_threads
from textdl.vectors.indexes.structure import Settings
from textdl.vectors.search import Found, nearest
from textdl.vectors.storage import encode

if TYPE_CHECKING:
    from textdl.vectors.vectors import Vectors

_GATHERED = 1 << 23  # floats of candidates in memory at a time
_SLACK = 32  # numbers behind the last row, which the kernel reads and does not use
_BATCH = 8  # so many queries at once are faster as one matrix product


class Exact:
    """A copy of the unit vectors in int8, which tells which rows may be the nearest.

    The cosine with a row of the copy differs from the true one by at most the lengths of what
    rounding took from the row and from the query. So rows whose upper bound reaches the ``top``-th
    highest lower bound are candidates, and no other row can be among the ``top``.

    Args:
        codes: int8 ``[n * dim + 32]``; ``scales[i]`` times the ``dim`` numbers of row i is nearly
            its unit vector.
        scales: float32 ``[n]``.
        spread: float32; it is not farther from it than ``spread * scales[i]``.
    """

    def __init__(
        self,
        vectors: Vectors,
        codes: NDArray[np.int8],
        scales: NDArray[np.float32],
        spread: np.float32,
    ) -> None:
        self._vectors = vectors
        self._codes, self._scales, self._spread = codes, scales, spread

    @classmethod
    def defaults(cls, words: int) -> Settings:
        return {}

    @classmethod
    def build(cls, vectors: Vectors, settings: Settings, seed: int, progress: Progress) -> Exact:
        n = len(vectors)
        codes = np.zeros(n * vectors.dim + _SLACK, np.int8)
        lines = codes[: n * vectors.dim].reshape(n, vectors.dim)
        scales, spread = np.empty(n, np.float32), 0.0
        for start in range(0, n, 1 << 14):
            part = slice(start, start + (1 << 14))
            units = unit(vectors.rows(part))
            rounded, found = encode(units, "int8")
            assert found is not None
            lines[part], scales[part] = rounded, found
            lost = np.linalg.norm(units - rounded * found[:, None], axis=1)
            # And what float32 may lose in a sum of dim products, and in scaling it.
            lost = lost * 1.0001 + (vectors.dim + 8) * 1.2e-7
            there = found > 0
            spread = max(spread, float((lost[there] / found[there]).max(initial=0)))
        return cls(vectors, codes, scales, np.float32(spread * 1.0001))

    def candidates(
        self, queries: NDArray[np.float32], top: int, settings: Settings
    ) -> NDArray[np.int64]:
        if len(queries) >= _BATCH:
            return nearest(self._vectors, queries, top)[0]
        found = [self._may_be_nearest(query, top) for query in queries]
        rows = np.full((len(found), max(map(len, found), default=top)), -1, np.int64)
        for line, some in zip(rows, found, strict=True):
            line[: len(some)] = some
        return rows

    def _may_be_nearest(self, query: NDArray[np.float32], top: int) -> NDArray[np.int64]:
        from textdl.vectors.kernels.best import scan_compact

        n, dim = len(self._scales), len(query)
        upper = np.empty(n, np.float32)
        rounded, scale, lost = _rounded(query)

        def scan(start: int) -> NDArray[np.float32]:
            floor = np.full(top, -np.inf, np.float32)
            its = upper[start : start + step]
            scan_compact(
                self._codes,
                self._scales,
                self._spread,
                start,
                rounded,
                dim,
                scale,
                lost,
                its,
                floor,
            )
            return floor

        step = max(1024, -(-n // 8))
        threads = kept_threads() if n > 20_000 else Threads(1)
        floors = [floor for _, floor in threads.map(scan, range(0, n, step))]
        lowest = np.sort(np.concatenate(floors))[::-1][top - 1]
        found: NDArray[np.int64] = np.flatnonzero(upper >= lowest)
        return found

    def save(self, folder: Path) -> Tensors:
        return {"codes": self._codes, "scales": self._scales, "spread": np.array([self._spread])}

    @classmethod
    def load(cls, vectors: Vectors, folder: Path, tensors: Tensors) -> Exact:
        shapes = [tensors[name].shape for name in ("codes", "scales", "spread")]
        if shapes != [(len(vectors) * vectors.dim + _SLACK,), (len(vectors),), (1,)]:
            raise ValueError(f"its arrays have the shapes {shapes}")
        return cls(vectors, tensors["codes"], tensors["scales"], tensors["spread"][0])


def _rounded(query: NDArray[np.float32]) -> tuple[NDArray[np.int16], np.float32, np.float32]:
    """A unit vector as int16 with zeros behind it, the step between its numbers, such that no sum
    of products overflows, and by how much it changes the cosine with a compact row at most, none
    of which is longer than 2."""
    most = max(float(np.abs(query).max()) / 32767, float(np.abs(query).sum()) * 127 / 2**30)
    step = np.float32(most or 1.0)
    dim = len(query)
    rounded = np.zeros(dim + _SLACK, np.int16)
    rounded[:dim] = np.rint(query / step)
    off = query.astype(np.float64) - rounded[:dim].astype(np.float64) * float(step)
    return rounded, step, np.float32(2 * np.linalg.norm(off))


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows divided by their length; those without one, or with nan, are zeros."""
    lengths = np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
    fine = np.isfinite(lengths) & (lengths > 0)
    result = np.zeros_like(rows)
    np.divide(rows, lengths, out=result, where=fine, casting="same_kind")
    return result


def score_candidates(
    vectors: Vectors, queries: NDArray[np.float32], candidates: NDArray[np.int64], top: int
) -> Found:
    """The candidates with the highest cosines, of equal ones the first rows.

    Args:
        queries: float32 ``[q, dim]``, unit vectors.
        candidates: int64 ``[q, candidates]``, distinct rows for each query, or -1.

    Returns:
        rows int64 ``[q, top]`` and cosines float32 ``[q, top]``; -1 and -inf where there are no
        more. The cosine with a row of zeros is 0; a row with nan is never found.
    """
    scores = np.empty(candidates.shape, np.float32)
    step = max(1, _GATHERED // (candidates.shape[1] * vectors.dim))
    with np.errstate(all="ignore"):
        for begin in range(0, len(queries), step):
            part = slice(begin, begin + step)
            rows = vectors.rows(candidates[part].ravel()).reshape(*candidates[part].shape, -1)
            scores[part] = (rows @ queries[part, :, None])[:, :, 0]
        scores *= vectors.inverse_norms[candidates]
    scores[(candidates < 0) | np.isnan(scores)] = -np.inf
    order = np.lexsort((candidates, -scores))[:, :top]
    scores = np.take_along_axis(scores, order, axis=1)
    found = np.take_along_axis(candidates, order, axis=1)
    return np.where(np.isneginf(scores), -1, found), scores
