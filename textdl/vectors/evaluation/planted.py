"""Measuring word vectors against what the synthetic corpus has planted."""

from __future__ import annotations

from dataclasses import dataclass

from textdl.text.synthetic import SECTIONS, TRUTH, Truth
from textdl.vectors.evaluate import score_analogies
from textdl.vectors.evaluation.scores import AnalogyScore, SectionScore
from textdl.vectors.vectors import Vectors


@dataclass(frozen=True)
class PlantedScore:
    """How much of the truth is found.

    Attributes:
        analogies: by section.
        synonyms: members of synonym sets with a mate among their 3 nearest neighbours.
    """

    analogies: AnalogyScore
    synonyms: SectionScore


def evaluate_planted(vectors: Vectors, truth: Truth = TRUTH) -> PlantedScore:
    """Find the planted analogies and synonyms; a word without a mate in `vectors` is not used."""
    questions = [
        (section if section == "capital" else f"gram-{section}", words)
        for section in SECTIONS
        for words in truth.analogies(section)
    ]
    found = used = 0
    for group in truth.synonyms:
        known = [word for word in group if word in vectors]
        if len(known) > 1:
            used += len(known)
            found += sum(
                any(near in known for near, _ in vectors.neighbors(word, top=3)) for word in known
            )
    total = sum(map(len, truth.synonyms))
    return PlantedScore(score_analogies(vectors, questions), SectionScore(found, used, total))
