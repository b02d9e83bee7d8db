import numpy as np

from textdl.report.map import project, word_map
from textdl.vectors import Vectors


def clusters():
    random = np.random.default_rng(1)
    centres = np.eye(3, 6) * 5
    return np.repeat(centres, 20, 0) + random.normal(0, 0.1, (60, 6))


def test_what_is_similar_is_close_together():
    places = project(clusters().astype(np.float32)).astype(np.float64)
    distances = np.linalg.norm(places[:, None] - places, axis=2)
    np.fill_diagonal(distances, np.inf)
    nearest = distances.argmin(1)
    assert (nearest // 20 == np.arange(60) // 20).all()


def test_the_same_vectors_have_the_same_map():
    rows = clusters().astype(np.float32)
    np.testing.assert_array_equal(project(rows), project(rows))


def test_a_map_names_all_words():
    found = word_map(Vectors([f"word{i}" for i in range(60)], clusters()))
    assert "The 60 most frequent words by t-SNE" in found.caption
    assert '"word59"' in found.script


def test_no_map_is_made_of_nothing():
    assert word_map(Vectors(["a", "b"], np.eye(2))) is None
    assert word_map(Vectors(["a", "b", "c", "d"], np.ones((4, 2)))) is None
    assert word_map(Vectors(["a", "b", "c"], np.full((3, 2), np.nan))) is None
