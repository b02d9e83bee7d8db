import numpy as np
import pytest
from vectors.test_subwords import composed

from textdl import InputError, Vectors
from textdl.vectors import UnknownWordError
from textdl.vectors.axes import axis, between, closer_than, odd_one_out, project, rank


@pytest.fixture(scope="module")
def vectors():
    random = np.random.default_rng(7)
    matrix = random.normal(size=(400, 12)) * random.uniform(0.1, 10, (400, 1))
    return Vectors([f"w{i}" for i in range(400)], matrix)


@pytest.fixture(scope="module")
def theirs(vectors):
    found = pytest.importorskip("gensim.models").KeyedVectors(12)
    found.add_vectors(list(vectors.words), vectors.matrix)
    return found


@pytest.fixture(scope="module")
def circle():
    angles = np.deg2rad(np.arange(0, 360, 10))
    lengths = np.random.default_rng(8).uniform(0.5, 5, 36)
    matrix = np.stack([np.cos(angles), np.sin(angles)], 1) * lengths[:, None]
    return Vectors([f"{10 * i}°" for i in range(36)], matrix)


def test_an_axis_is_the_difference_of_means_of_unit_vectors(vectors):
    def unit(word):
        return vectors[word] / np.linalg.norm(vectors[word])

    expected = (unit("w1") + unit("w2")) / 2 - (unit("w3") + unit("w4") + unit("w5")) / 3
    found = axis(vectors, ["w1", "w2"], ["w3", "w4", "w5"])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected / np.linalg.norm(expected), atol=1e-6)
    np.testing.assert_allclose(axis(vectors, "w1", "w3"), -axis(vectors, "w3", "w1"), atol=1e-6)


def test_words_are_projected_by_cosine(vectors):
    direction = axis(vectors, "w1", "w2")
    expected = vectors["w9"] @ direction / np.linalg.norm(vectors["w9"])
    found = project(vectors, "w9", 5 * direction)
    assert isinstance(found, float)
    assert found == pytest.approx(float(expected), rel=1e-5)
    several = project(vectors, ["w9", "w1", "w2"], direction)
    assert several.dtype == np.float32
    assert several[0] == pytest.approx(found, rel=1e-5)
    assert several[1] == pytest.approx(-several[2], rel=1e-4)
    assert several[1] > 0


def test_what_is_no_axis(vectors):
    with pytest.raises(InputError, match="same mean"):
        axis(vectors, ["w1", "w2"], ["w2", "w1"])
    with pytest.raises(InputError, match="at least one word on either side"):
        axis(vectors, [], "w1")
    with pytest.raises(InputError, match=r"shape \(12,\), not \(3,\)"):
        project(vectors, "w1", np.ones(3, np.float32))
    with pytest.raises(UnknownWordError):
        axis(vectors, "w1", "nowhere")


def test_points_divide_the_arc_evenly(circle):
    assert between(circle, "0°", "90°", 2) == ["30°", "60°"]
    assert between(circle, "90°", "0°", 8) == [f"{d}°" for d in range(80, 0, -10)]
    assert between(circle, "350°", "20°", 2) == ["0°", "10°"]
    assert between(circle, "0°", "90°", 0) == []


def test_no_word_is_met_twice_nor_the_ends(circle):
    assert between(circle, "0°", "20°", 3)[0] == "10°"
    found = between(circle, "0°", "20°", 34)
    assert len(set(found) - {"0°", "20°"}) == 34
    assert between(circle, "0°", "0°", 2) in (["10°", "350°"], ["350°", "10°"])


def test_where_no_way_leads(circle):
    with pytest.raises(InputError, match="opposite directions"):
        between(circle, "0°", "180°")
    with pytest.raises(InputError, match="steps is 35: there are 34 words"):
        between(circle, "0°", "90°", 35)
    with pytest.raises(UnknownWordError):
        between(circle, "0°", "45°")


def test_the_odd_word_is_gensims(vectors, theirs):
    random = np.random.default_rng(9)
    for size in (3, 4, 7):
        for _ in range(20):
            words = [f"w{i}" for i in random.choice(400, size, replace=False)]
            assert odd_one_out(vectors, words) == theirs.doesnt_match(words)
    for few in (["w1", "w2"], "word"):
        with pytest.raises(InputError, match="at least three words"):
            odd_one_out(vectors, few)
    with pytest.raises(UnknownWordError):
        odd_one_out(vectors, ["w1", "w2", "nowhere"])


def test_ranks_are_gensims(vectors, theirs):
    for a, b in [("w1", "w2"), ("w2", "w1"), ("w0", "w399"), ("w17", "w3")]:
        assert rank(vectors, a, b) == theirs.rank(a, b)
        closer = closer_than(vectors, a, b)
        assert set(closer) == set(theirs.closer_than(a, b))
        assert closer == vectors.neighbors(a, top=len(closer)).words
    near = vectors.neighbors("w5", top=3).words
    assert [rank(vectors, "w5", word) for word in near] == [1, 2, 3]
    assert closer_than(vectors, "w5", near[0]) == []


def test_composed_words_have_ranks():
    vectors = composed()
    near = vectors.neighbors("nightly", top=3).words
    assert rank(vectors, "nightly", near[2]) == 3
    assert closer_than(vectors, "nightly", near[2]) == near[:2]
    assert 1 <= rank(vectors, "night", "nightly") <= len(vectors)
    with pytest.raises(UnknownWordError):
        rank(Vectors(["a", "b"], [[1], [1]]), "a", "c")


def test_a_zero_vector_is_far_from_all():
    vectors = Vectors(["zero", "one", "two"], [[0, 0], [1, 1], [1, 2]])
    assert rank(vectors, "one", "zero") == 2
    assert closer_than(vectors, "one", "zero") == ["two"]
