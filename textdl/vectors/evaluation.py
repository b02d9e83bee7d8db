"""Measuring word vectors against what people judge: similar pairs and analogies.

Words are compared in lower case; of several spellings the first, most frequent, row stands for all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.settings import checked
from textdl.vectors.vectors import Vectors

GENSIM_FILES = {
    "wordsim353": "wordsim353.tsv",
    "simlex999": "simlex999.txt",
    "google-analogies": "questions-words.txt",
}


@dataclass(frozen=True)
class SimilarityScore:
    """How well cosines rank pairs of words.

    Attributes:
        rho: Spearman's rank correlation with the judgements; nan when it is undefined.
        used: how many pairs have two vectors.
        total: how many pairs the set has.
    """

    rho: float
    used: int
    total: int

    @property
    def coverage(self) -> float:
        """The share of the pairs that were used."""
        return self.used / self.total


@dataclass(frozen=True)
class SectionScore:
    """How many analogies are right, of those whose four words have a row, of all."""

    correct: int
    used: int
    total: int

    @property
    def accuracy(self) -> float:
        """The share of the used questions that is right; nan when none was used."""
        return self.correct / self.used if self.used else float("nan")

    @property
    def coverage(self) -> float:
        """The share of the questions that were used."""
        return self.used / self.total if self.total else float("nan")


@dataclass(frozen=True)
class AnalogyScore:
    """The analogies of a set, by section; a section named ``gram…`` is syntactic."""

    sections: dict[str, SectionScore]

    @property
    def total(self) -> SectionScore:
        """All sections."""
        return _sum(list(self.sections.values()))

    @property
    def semantic(self) -> SectionScore:
        """The sections about meaning."""
        return _sum([s for name, s in self.sections.items() if not name.startswith("gram")])

    @property
    def syntactic(self) -> SectionScore:
        """The sections about grammar."""
        return _sum([s for name, s in self.sections.items() if name.startswith("gram")])


def evaluation_file(name: str | Path) -> Path:
    """The file of an evaluation set: a path, or one of those that gensim installs.

    Raises:
        InputError: there is no such file, or gensim is not installed.
    """
    if str(name) in GENSIM_FILES:
        gensim = find_spec("gensim")
        if gensim is None or not gensim.submodule_search_locations:
            raise InputError(f"{name} comes with gensim: install gensim, or give a file")
        folder = Path(gensim.submodule_search_locations[0])
        path = folder / "test" / "test_data" / GENSIM_FILES[str(name)]
    else:
        path = Path(name)
    if not path.is_file():
        raise InputError(f"no file {path}: give a file, or one of {', '.join(GENSIM_FILES)}")
    return path


@checked
def evaluate_similarity(
    vectors: Vectors, pairs: str | Path, *, unknown: Literal["skip", "compose"] = "skip"
) -> SimilarityScore:
    """Rank pairs of words by cosine (Finkelstein et al. 2002; Hill et al. 2015).

    Args:
        vectors: the vectors to measure.
        pairs: a file of lines ``word TAB word TAB score``, or the name of a set.
        unknown: skip pairs with a word that has no row, or compose its vector if possible.

    Raises:
        InputError: a line is not such a line, or there is none.
    """
    path = evaluation_file(pairs)
    rows = _first_rows(vectors, len(vectors))
    cosines, judged, total = [], [], 0
    for number, line in _lines(path):
        if line.startswith("#"):
            continue
        try:
            a, b, score = line.split("\t")
            judgement = float(score)
        except ValueError:
            raise InputError(
                f"{path}, line {number}: expected two words and a number between tabs"
            ) from None
        total += 1
        u, v = (_vector(vectors, rows, word, unknown) for word in (a, b))
        if u is not None and v is not None:
            norm = float(np.linalg.norm(u) * np.linalg.norm(v))
            cosines.append(float(u @ v) / (norm or 1))
            judged.append(judgement)
    if not total:
        raise InputError(f"{path} has no pairs")
    return SimilarityScore(_spearman(np.array(cosines), np.array(judged)), len(judged), total)


@checked
def evaluate_analogies(
    vectors: Vectors,
    questions: str | Path,
    *,
    restrict: Annotated[int, Ge(1)] | None = None,
    top: Annotated[int, Ge(1)] = 1,
) -> AnalogyScore:
    """Answer "a is to b as c is to?" by vector offset (Mikolov et al. 2013).

    Args:
        vectors: the vectors to measure, frequent words first.
        questions: a file of lines of four words under lines ``: section``, or the name of a set.
        restrict: look at so many of the first rows only, in questions and answers.
        top: an answer among the so many nearest is right. The given words are never answers;
            a tie counts as wrong.

    Raises:
        InputError: a line has not four words, stands before a section, or there is none.
    """
    path = evaluation_file(questions)
    asked = list(_questions(path))
    if not asked:
        raise InputError(f"{path} has no questions")
    return score_analogies(vectors, asked, restrict=restrict, top=top)


def score_analogies(
    vectors: Vectors,
    questions: Iterable[tuple[str, Sequence[str]]],
    *,
    restrict: int | None = None,
    top: int = 1,
) -> AnalogyScore:
    """What `evaluate_analogies` does, for pairs of a section and four lower-case words."""
    rows = _first_rows(vectors, min(restrict or len(vectors), len(vectors)))
    place = {word: i for i, word in enumerate(rows)}
    totals: Counter[str] = Counter()
    asked: list[list[int]] = []
    owner: list[str] = []
    for section, words in questions:
        totals[section] += 1
        if all(word in place for word in words):
            asked.append([place[word] for word in words])
            owner.append(section)
    chosen = np.array(list(rows.values()), np.int64)
    right = _answers(vectors.matrix[chosen], np.array(asked, np.int64).reshape(-1, 4), top)
    used = Counter(owner)
    correct = Counter(name for name, hit in zip(owner, right, strict=True) if hit)
    return AnalogyScore(
        {name: SectionScore(correct[name], used[name], n) for name, n in totals.items()}
    )


def _questions(path: Path) -> Iterator[tuple[str, list[str]]]:
    section: str | None = None
    for number, line in _lines(path):
        if line.startswith(":"):
            section = line[1:].strip()
            continue
        words = line.lower().split()
        if section is None or len(words) != 4:
            problem = "a section (': name') first" if section is None else "four words"
            raise InputError(f"{path}, line {number}: expected {problem}")
        yield section, words


def _answers(matrix: NDArray[np.float32], asked: NDArray[np.int64], top: int) -> NDArray[np.bool_]:
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    units = matrix / np.where(norms > 0, norms, 1)
    right = np.zeros(len(asked), np.bool_)
    step = max(1, 2**25 // max(1, len(units)))  # 128 MB of scores at a time
    for start in range(0, len(asked), step):
        a, b, c, expected = asked[start : start + step].T
        scores = (units[b] - units[a] + units[c]) @ units.T
        lines = np.arange(len(a))
        for given in (a, b, c):
            scores[lines, given] = -np.inf
        right[start : start + step] = _among_best(scores, expected, top)
    return right


def _among_best(
    scores: NDArray[np.float32], expected: NDArray[np.int64], top: int
) -> NDArray[np.bool_]:
    best = scores[np.arange(len(scores)), expected]
    right = np.isfinite(best)
    if top == 1:  # one pass over all scores, and a second one only where it may be right
        right &= scores.argmax(1) == expected
    near = np.flatnonzero(right)
    right[near] = [np.count_nonzero(scores[i] >= best[i]) <= top for i in near]
    return right


def _first_rows(vectors: Vectors, size: int) -> dict[str, int]:
    rows: dict[str, int] = {}
    for row in range(size):
        rows.setdefault(vectors.words[row].lower(), row)
    return rows


def _vector(
    vectors: Vectors, rows: dict[str, int], word: str, unknown: str
) -> NDArray[np.float32] | None:
    row = rows.get(word.lower())
    if row is not None:
        found: NDArray[np.float32] = vectors.matrix[row]
        return found
    return vectors.get(word.lower(), None) if unknown == "compose" else None


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text") from None
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line.rstrip("\r")


def _spearman(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(np.corrcoef(_ranks(x), _ranks(y))[0, 1])


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: NDArray[np.float64] = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return ranks


def _sum(scores: list[SectionScore]) -> SectionScore:
    return SectionScore(
        sum(s.correct for s in scores), sum(s.used for s in scores), sum(s.total for s in scores)
    )
