import numpy as np

from textdl.text.synthetic import TRUTH
from textdl.vectors import Vectors
from textdl.vectors.evaluation.planted import evaluate_planted


def test_perfect_vectors_find_what_is_planted():
    random = np.random.default_rng(1)
    capital = random.normal(size=64)
    rows = {}
    for country, city in TRUTH.capitals:
        rows[country] = random.normal(size=64)
        rows[city] = rows[country] + capital
    for group in TRUTH.synonyms:
        centre = random.normal(size=64)
        for word in group:
            rows.setdefault(word, centre + 0.01 * random.normal(size=64))
    score = evaluate_planted(Vectors(list(rows), list(rows.values())))
    assert score.synonyms.accuracy == score.synonyms.coverage == 1
    assert score.analogies.semantic.accuracy > 0.9
    assert score.analogies.semantic.coverage == 1
    assert score.analogies.syntactic.coverage < 1


def test_unknown_words_are_not_used():
    score = evaluate_planted(Vectors(["zzz"], [[1]]))
    assert score.synonyms.used == score.analogies.total.used == 0
