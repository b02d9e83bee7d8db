"""Neighbours for who looks for synonyms, and not for plurals and opposites."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from textdl.settings import checked
from textdl.vectors import search
from textdl.vectors.axes import units
from textdl.vectors.neighbors import Neighbors
from textdl.vectors.vectors import Vectors

ENDINGS = {
    "'s": [""],
    "’s": [""],
    "s": [""],
    "es": [""],
    "d": [""],
    "ed": [""],
    "ing": ["", "e"],
    "r": [""],
    "er": [""],
    "st": [""],
    "est": [""],
    "ly": ["", "le"],
    "ies": ["y"],
    "ied": ["y"],
    "ier": ["y"],
    "iest": ["y"],
    "ily": ["y"],
}
"""English inflections, and what may stand in their place in the base form."""

BLOCK = 65536
"""Rows that are compared at a time."""

NEGATIONS = ("un", "in", "im", "il", "ir", "dis", "non", "non-")

_PAIRS = """
    good bad, better worse, best worst, hot cold, warm cool, big small, large little,
    long short, tall short, high low, up down, in out, on off, over under, above below,
    left right, first last, early late, old new, old young, fast slow, quick slow, strong weak,
    hard soft, hard easy, difficult easy, light dark, light heavy, bright dim, wet dry,
    full empty, open closed, rich poor, cheap expensive, happy sad, love hate, like dislike,
    friend enemy, true false, right wrong, real fake, alive dead, life death, win lose,
    victory defeat, success failure, succeed fail, buy sell, give take, push pull, begin end,
    start stop, start finish, come go, arrive leave, rise fall, increase decrease, more less,
    most least, many few, all none, always never, day night, black white, male female,
    man woman, boy girl, war peace, clean dirty, safe dangerous, loud quiet, beautiful ugly,
    clever stupid, smart dumb, interesting boring, exciting dull, funny serious, thick thin,
    wide narrow, deep shallow, near far, inside outside, before after, positive negative,
    accept reject, allow forbid, ancient modern, brave cowardly, cruel kind, guilty innocent,
    maximum minimum, presence absence, profit loss, simple complex, sweet bitter, top bottom
"""

ANTONYMS = frozenset(frozenset(pair.split()) for pair in _PAIRS.split(","))
"""Common pairs of opposites, which share their contexts and hence are neighbours."""


@dataclass(frozen=True, eq=False)
class Synonyms(Neighbors):
    """Words that may stand for another.

    Attributes:
        words: the most likely first, but opposites last.
        scores: float32 ``[len(words)]``, cosine similarities, less where the similarity is not
            mutual.
        doubtful: those that are opposites rather than synonyms, by their form or a list.
    """

    doubtful: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        width = max(map(len, self.words), default=0)
        return "\n".join(
            f"{word:<{width}}  {score: .4f}" + "  opposite?" * (word in self.doubtful)
            for word, score in self
        )


@checked
def synonyms(
    vectors: Vectors,
    word: str,
    *,
    top: Annotated[int, Ge(1)] = 10,
    candidates: Annotated[int, Ge(1)] = 50,
) -> Synonyms:
    """The neighbours of ``word`` that may be its synonyms.

    Of the ``candidates`` nearest words: those are ranked higher that have ``word`` among their own
    nearest, which general words, near to everything, have not; forms of one word ("film", "Films",
    "filming"), by the rules of English, are one, shown in its most frequent form, and forms of
    ``word`` itself are left out; opposites ("unhappy", "cold" for "hot"), by prefixes, "-less"
    against "-ful" and a short list, come last and are named in ``doubtful``.

    Raises:
        UnknownWordError: the word has no vector.
    """
    own = vectors.words.find(word)
    found = search.nearest(vectors, units(vectors, [word]), candidates, skip=[[own]])
    rows, similarities = (its[0][found[0][0] >= 0] for its in found)
    scores = similarities * mutuality(reciprocal_ranks(vectors, rows, similarities, own))

    asked = stems(word)
    groups: list[tuple[set[str], list[int]]] = []
    for i in np.argsort(-scores, kind="stable").tolist():
        forms = stems(vectors.words[rows[i]])
        if forms & asked:
            continue
        for shared, members in groups:
            if forms & shared:
                shared |= forms
                members.append(i)
                break
        else:
            groups.append((forms, [i]))

    likely: list[tuple[str, float]] = []
    opposite: list[tuple[str, float]] = []
    for forms, members in groups:
        shown = vectors.words[min(rows[members].tolist(), key=lambda row: _rarity(vectors, row))]
        kind = opposite if _opposite(forms, asked) else likely
        kind.append((shown, scores[members[0]]))
    best = [*likely, *opposite][:top]
    return Synonyms(
        [shown for shown, _ in best],
        np.array([score for _, score in best], np.float32),
        [shown for shown, _ in opposite],
    )


def mutuality(ranks: NDArray[np.int64]) -> NDArray[np.float32]:
    """The factor of a similarity, from 1 for the reciprocal rank 1 towards 1/2."""
    return np.asarray((1 + 1 / np.log2(1 + ranks)) / 2, np.float32)


def reciprocal_ranks(
    vectors: Vectors, rows: NDArray[np.int64], similarities: NDArray[np.float32], own: int
) -> NDArray[np.int64]:
    """Which of the neighbours of each candidate is the asked word, 1 for the nearest.

    Args:
        rows: int64 ``[candidates]``.
        similarities: float32 ``[candidates]``, the cosines of the candidates and the asked word.
        own: the row of the asked word, -1 if it has none.
    """
    queries = vectors.rows(rows) * vectors.inverse_norms[rows, None]
    ranks = np.ones(len(rows), np.int64)
    for start in range(0, len(vectors), BLOCK):
        part = slice(start, start + BLOCK)
        scores = queries @ vectors.rows(part).T * vectors.inverse_norms[part]
        if start <= own < start + BLOCK:
            scores[:, own - start] = -np.inf
        inside = np.flatnonzero((start <= rows) & (rows < start + BLOCK))
        scores[inside, rows[inside] - start] = -np.inf
        ranks += (scores > similarities[:, None]).sum(1)
    return ranks


def stems(word: str) -> set[str]:
    """What the word may be a form of, itself among it, in lower case: the rules of English
    inflection and of adverbs, where 3 letters stay. Two words are forms of one if they share any.
    """
    word = word.casefold()
    found = {word}
    for ending, replacements in ENDINGS.items():
        stem = word.removesuffix(ending)
        if stem == word or not _ends(word, stem, ending):
            continue
        found |= {stem + new for new in replacements if len(stem) + (new == "y") >= 3}
        if len(stem) > 3 and ending in ("ed", "ing", "er", "est") and stem[-1] == stem[-2]:
            found.add(stem[:-1])
    return found


def _ends(word: str, stem: str, ending: str) -> bool:
    if ending == "s":
        return not word.endswith(("ss", "us", "is"))
    if ending == "es":
        return stem.endswith(("s", "x", "z", "ch", "sh", "o"))
    return ending not in ("d", "r", "st") or stem.endswith("e")


def _opposite(forms: set[str], asked: set[str]) -> bool:
    for ours in forms:
        for its in asked:
            if frozenset((ours, its)) in ANTONYMS:
                return True
            for long, short in ((ours, its), (its, ours)):
                if len(short) >= 3 and any(long == prefix + short for prefix in NEGATIONS):
                    return True
                if long.endswith("less") and short == long.removesuffix("less") + "ful":
                    return True
    return False


def _rarity(vectors: Vectors, row: int) -> tuple[int, int]:
    return (0 if vectors.counts is None else -int(vectors.counts[row]), row)
