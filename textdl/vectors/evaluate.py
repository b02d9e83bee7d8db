"""Measuring word vectors against what people judge: similar pairs and analogies.

>>> from textdl.vectors import Vectors, evaluate
>>> words = ["king", "queen", "man", "woman"]
>>> vectors = Vectors(words, [[1, 0, 1], [1, 1, 1], [1, 0, 0], [1, 1, 0]])
>>> evaluate.similarity(vectors, "wordsim353").used
2
>>> evaluate.analogies(vectors, "google-analogies", restrict=30_000).total
SectionScore(correct=2, used=2, total=19544)

Upper and lower case are the same; of several spellings the first, most frequent, row stands for
all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from textdl.settings import checked
from textdl.vectors.evaluation.answering import are_answered, as_asked
from textdl.vectors.evaluation.files import evaluation_file, read_pairs, read_questions
from textdl.vectors.evaluation.scores import AnalogyScore, SectionScore, SimilarityScore
from textdl.vectors.vectors import Vectors


@checked
def similarity(
    vectors: Vectors, pairs: str | Path, *, unknown: Literal["skip", "compose"] = "skip"
) -> SimilarityScore:
    """Compare cosines of pairs of words with judgements (Finkelstein et al. 2002; Hill et al.
    2015).

    Args:
        vectors: the vectors to measure.
        pairs: a file (see `read_pairs`), or the name of a set: wordsim353, simlex999.
        unknown: skip pairs with a word that has no row, or compose its vector if possible.

    Raises:
        InputError: the file is not one of pairs.
    """
    judged = read_pairs(evaluation_file(pairs))
    rows = _rows(vectors, {word.upper() for pair in judged for word in pair[:2]}, len(vectors))

    def vector(word: str) -> NDArray[np.float32] | None:
        if word.upper() in rows:
            found: NDArray[np.float32] = vectors.matrix[rows[word.upper()][0]]
            return found
        return vectors.get(word.lower(), None) if unknown == "compose" else None

    cosines, judgements = [], []
    for a, b, judgement in judged:
        u, v = vector(a), vector(b)
        if u is not None and v is not None:
            norm = float(np.linalg.norm(u) * np.linalg.norm(v))
            cosines.append(float(u @ v) / (norm or 1))
            judgements.append(judgement)
    x, y = np.array(cosines), np.array(judgements)
    return SimilarityScore(
        _correlation(_ranks(x), _ranks(y)), _correlation(x, y), len(cosines), len(judged)
    )


@checked
def analogies(
    vectors: Vectors,
    questions: str | Path,
    *,
    restrict: Annotated[int, Ge(1)] | None = None,
    method: Literal["add", "mul", "both"] = "add",
    top: Annotated[int, Ge(1)] = 1,
    unknown: Literal["skip", "wrong"] = "skip",
) -> AnalogyScore:
    """Answer "a is to b as c is to?" by 3CosAdd (Mikolov et al. 2013) or 3CosMul (Levy & Goldberg
    2014).

    Args:
        vectors: the vectors to measure, frequent words first.
        questions: a file or folder (see `read_questions`), or the name of a set:
            google-analogies.
        restrict: look at so many of the first rows only, in questions and answers.
        method: "both" makes a score of 3CosAdd that has 3CosMul's as its ``mul``.
        top: an answer among the so many best is right. The given words are never answers.
        unknown: skip questions with a word that has no row, or count them as wrong.

    Raises:
        InputError: the file is not one of analogies.
    """
    asked = read_questions(evaluation_file(questions))
    return score_analogies(
        vectors, asked, restrict=restrict, method=method, top=top, unknown=unknown
    )


def score_analogies(
    vectors: Vectors,
    questions: Collection[tuple[str, Sequence[str]]],
    *,
    restrict: int | None = None,
    method: str = "add",
    top: int = 1,
    unknown: str = "skip",
) -> AnalogyScore:
    """What `analogies` does, for pairs of a section and the words a, b, c, and right answers."""
    size = min(restrict or len(vectors), len(vectors))
    keys = [(section, [word.upper() for word in words]) for section, words in questions]
    rows = _rows(vectors, {key for _, words in keys for key in words}, size)
    known, sections = [], []
    for section, words in keys:
        answers = [rows[word] for word in words[3:] if word in rows]
        if answers and all(word in rows for word in words[:3]):
            known.append(([rows[word] for word in words[:3]], answers))
            sections.append(section)
    methods = ["add", "mul"] if method == "both" else [method]
    total = Counter(section for section, _ in questions)
    used = Counter(sections) if unknown == "skip" else total
    scores = []
    for right in are_answered(vectors.matrix[:size], as_asked(known), methods, top):
        correct = Counter(name for name, hit in zip(sections, right, strict=True) if hit)
        scores.append(
            {name: SectionScore(correct[name], used[name], n) for name, n in total.items()}
        )
    return AnalogyScore(scores[0], AnalogyScore(scores[1]) if method == "both" else None)


def _rows(vectors: Vectors, wanted: set[str], size: int) -> dict[str, list[int]]:
    """The rows, of the first ``size``, of all spellings of words in upper case."""
    rows: dict[str, list[int]] = {}
    for row, word in enumerate(islice(vectors.words, size)):
        key = word.upper()
        if key in wanted:
            rows.setdefault(key, []).append(row)
    return rows


def _correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: NDArray[np.float64] = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return ranks
