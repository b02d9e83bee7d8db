import numpy as np

from textdl.report.wordvectors import GOOGLE, by_section
from textdl.vectors import Vectors
from textdl.vectors.evaluation.comparison import Measurement, VectorEvaluation


def sections(words):
    vectors = {"it": Vectors(words, np.eye(len(words)) + 0.1)}
    return by_section(
        vectors, VectorEvaluation(1, {"it": {GOOGLE: Measurement(None, 0, 19544)}}, {})
    )


def test_analogies_are_told_by_section():
    (table,) = sections(["he", "she", "king", "queen"])
    assert table.columns == ["section", "it"]
    assert [row[0] for row in table.rows] == ["family"]
    assert table.rows[0][1].endswith("of 2")


def test_without_an_analogy_that_can_be_asked_there_is_no_table():
    assert sections(["good", "bad"]) == []
