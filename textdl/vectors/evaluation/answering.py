"""Which analogies vectors answer.

"a is to b as c is to?" is answered by the row with the highest

- cos(x, b) - cos(x, a) + cos(x, c): 3CosAdd (Mikolov, Yih & Zweig 2013, "Linguistic Regularities in
  Continuous Space Word Representations");
- cos'(x, b) cos'(x, c) / (cos'(x, a) + epsilon), where cos' = (1 + cos) / 2: 3CosMul (Levy &
  Goldberg 2014, "Linguistic Regularities in Sparse and Explicit Word Representations").

The questions have few distinct words: one matrix product makes all cosines of these with a block of
rows, and a question then only adds or multiplies three of them per row.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import chain, pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from textdl.threads import Threads

EPSILON = 1e-3

_COMPILED_SCORES = 10_000_000  # fewer are made before a kernel would be loaded
_BLOCK_SCORES = 1 << 24
_TIE = 1e-9
_MARGIN = 1e-5  # float32 is wrong by less

Rows = Sequence[int]


class Ragged(NamedTuple):
    """Rows per question: those of question q are ``rows[bounds[q]:bounds[q + 1]]``, int64."""

    rows: NDArray[np.int64]
    bounds: NDArray[np.int64]

    @property
    def questions(self) -> NDArray[np.int64]:
        """The question of each row."""
        return np.repeat(np.arange(len(self.bounds) - 1), np.diff(self.bounds))


class Asked(NamedTuple):
    """Questions by rows.

    Attributes:
        words: int64 ``[words]``, the rows of the distinct given words.
        given: int64 ``[questions, 3]``, which of these a, b and c are.
        right: the rows that are a right answer.
        own: these and the given words' rows: they never count against an answer.
    """

    words: NDArray[np.int64]
    given: NDArray[np.int64]
    right: Ragged
    own: Ragged


class _Contest(NamedTuple):
    """The questions by one method.

    Attributes:
        units: float32 ``[words, dim]``, the given words' unit vectors.
        limits: float64 ``[questions]``, the score of the best right answer, which others may beat.
        limit_rows: int64 ``[questions]``, its row.
        better: int64 ``[questions]``, how many rows have beaten it so far.
        top: when so many have, nobody counts on.
    """

    asked: Asked
    units: NDArray[np.float32]
    method: str
    limits: NDArray[np.float64]
    limit_rows: NDArray[np.int64]
    better: NDArray[np.int64]
    top: int


def as_asked(questions: Sequence[tuple[Sequence[Rows], Sequence[Rows]]]) -> Asked:
    """Questions, each from the rows of all spellings of a, b and c, and of the right answers. The
    first row of a given word stands for it; a given word is never an answer."""
    places: dict[int, int] = {}
    given, right, own = [], [], []
    for words, answers in questions:
        given.append([places.setdefault(rows[0], len(places)) for rows in words])
        taken = {row for rows in words for row in rows}
        correct = {row for rows in answers for row in rows} - taken
        right.append(correct)
        own.append(correct | taken)
    return Asked(
        np.fromiter(places, np.int64, len(places)),
        np.array(given, np.int64).reshape(-1, 3),
        _ragged(right),
        _ragged(own),
    )


def are_answered(
    matrix: NDArray[np.float32], asked: Asked, methods: Sequence[str], top: int
) -> list[NDArray[np.bool_]]:
    """Whether fewer than ``top`` other rows score higher than the best right answer; of equal ones
    the first is the higher.

    Args:
        matrix: float32 ``[rows, dim]``, the rows that may be answers.
        methods: ``"add"`` or ``"mul"``.

    Returns:
        bool ``[questions]`` for each method.
    """
    units = _units(matrix[asked.words])
    contests = [_contest(matrix, units, asked, method, top) for method in methods]
    small = len(asked.given) * len(matrix) < _COMPILED_SCORES
    width = int(np.clip(_BLOCK_SCORES // max(1, len(units)), 512, 8192))
    with Threads(1 if small else None) as threads:
        for start in range(0, len(matrix), width):
            block = _units(matrix[start : start + width])
            cosines: Any = (units.astype(np.float64) if small else units) @ block.T
            for contest in contests:
                if small:
                    _count_plainly(contest, cosines, start)
                else:
                    _count_compiled(contest, cosines, start, block, threads)
    return [contest.better < top for contest in contests]


def _contest(
    matrix: NDArray[np.float32], units: NDArray[np.float32], asked: Asked, method: str, top: int
) -> _Contest:
    questions = asked.right.questions
    scores = np.empty(len(questions))
    for start in range(0, len(questions), 4096):
        chunk = slice(start, start + 4096)
        rows = _units(matrix[asked.right.rows[chunk]]).astype(np.float64)
        words = asked.given[questions[chunk]].T
        a, b, c = (np.einsum("id,id->i", units[word], rows) for word in words)
        scores[chunk] = _scores(a, b, c, method)
    limits = np.full(len(asked.given), -np.inf)
    np.maximum.at(limits, questions, scores)
    best = scores >= limits[questions] - _TIE
    limit_rows = np.full(len(limits), len(matrix))
    np.minimum.at(limit_rows, questions[best], asked.right.rows[best])
    # Without a right answer among the rows, the question is lost.
    better = np.where(np.isfinite(limits), 0, top)
    return _Contest(asked, units, method, limits, limit_rows, better, top)


def _count_plainly(contest: _Contest, cosines: NDArray[np.float64], start: int) -> None:
    """Count in a block of rows that begins with row ``start``: ``cosines`` are float64 ``[words,
    rows]``."""
    (own, _), questions = contest.asked.own, contest.asked.own.questions
    stop = start + cosines.shape[1]
    step = 1 + 2**20 // cosines.shape[1]
    for first in range(0, len(contest.better), step):
        chunk = slice(first, first + step)
        a, b, c = contest.asked.given[chunk].T
        scores = _scores(cosines[a], cosines[b], cosines[c], contest.method)
        here = (first <= questions) & (questions < first + step) & (start <= own) & (own < stop)
        scores[questions[here] - first, own[here] - start] = -np.inf
        limits = contest.limits[chunk, None]
        earlier = np.arange(start, stop) < contest.limit_rows[chunk, None]
        higher = (scores > limits + _TIE) | ((scores >= limits - _TIE) & earlier)
        contest.better[chunk] += higher.sum(1)


def _count_compiled(
    contest: _Contest,
    cosines: NDArray[np.float32],
    start: int,
    block: NDArray[np.float32],
    threads: Threads,
) -> None:
    """The same from float32 cosines; ``block`` are the unit vectors of its rows."""
    from textdl.vectors.kernels.analogies import count_better

    add = contest.method == "add"
    # A quotient is wrong by more the larger it is.
    sizes = np.ones(len(contest.limits)) if add else 10 * np.maximum(1, contest.limits)

    def count(span: tuple[int, int]) -> None:
        count_better(
            cosines, contest.asked.given, contest.units, block, start, *contest.asked.own,
            contest.limits, contest.limit_rows, _MARGIN * sizes, -1.0 if add else 2 * EPSILON, _TIE,
            contest.top, contest.better, *span,
        )  # fmt: skip

    marks = np.linspace(0, len(contest.better), 33).astype(int).tolist()
    for _ in threads.map(count, pairwise(marks)):
        pass


def _scores(a: Any, b: Any, c: Any, method: str) -> Any:
    """The scores of rows, up to a constant factor, from their cosines with a, b and c."""
    return b - a + c if method == "add" else (1 + b) * (1 + c) / (1 + 2 * EPSILON + a)


def _units(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    norms: NDArray[np.float32] = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    norms[norms == 0] = 1
    return rows / norms[:, None]


def _ragged(rows: Sequence[Collection[int]]) -> Ragged:
    bounds = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(its) for its in rows], out=bounds[1:])
    return Ragged(np.fromiter(chain.from_iterable(rows), np.int64, bounds[-1]), bounds)
