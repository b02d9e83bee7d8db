import numpy as np
import pytest
from vectors.test_subwords import composed

from textdl import InputError, Vectors, load_vectors
from textdl.vectors import UnknownWordError
from textdl.vectors.combining import concatenate, merge, subset


def table(words, seed, dim=8, counts=None, info=None):
    matrix = np.random.default_rng(seed).normal(size=(len(words), dim))
    return Vectors(words, matrix, None if counts is None else np.array(counts), info)


@pytest.fixture
def left():
    return table(["the", "film", "actor"], 1, counts=[90, 9, 4], info={"from": "left"})


@pytest.fixture
def right():
    return table(["the", "actor", "pizza"], 2, counts=[70, 5, 3], info={"from": "right"})


def cosine(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def test_a_merged_table_has_the_words_of_all(left, right):
    merged = merge(left, right)
    assert list(merged.words) == ["the", "film", "actor", "pizza"]
    np.testing.assert_array_equal(merged[["the", "film", "actor"]], left.matrix)
    np.testing.assert_array_equal(merged["pizza"], right["pizza"])
    assert merged.counts.tolist() == [90, 9, 5, 3]
    assert merged.info["operations"] == [
        {"operation": "merge", "on_conflict": "first", "of": [{"from": "left"}, {"from": "right"}]}
    ]
    assert merge(left, table(["x"], 3)).counts is None
    assert list(merge(left).words) == list(left.words)


def test_the_first_of_three_tables_wins_or_all_are_averaged(left, right):
    third = table(["pizza", "actor"], 3)
    assert merge(left, right, third)["pizza"].tolist() == right["pizza"].tolist()
    mean = merge(left, right, third, on_conflict="mean")
    np.testing.assert_allclose(
        mean["actor"], (left["actor"] + right["actor"] + third["actor"]) / 3, rtol=1e-5
    )
    np.testing.assert_allclose(mean["pizza"], (right["pizza"] + third["pizza"]) / 2, rtol=1e-5)
    np.testing.assert_array_equal(mean["film"], left["film"])


def test_what_can_not_be_merged(left, right):
    with pytest.raises(InputError, match="2 words are in several tables, such as 'the', 'actor'"):
        merge(left, right, on_conflict="error")
    assert len(merge(left, table(["x"], 3), on_conflict="error")) == 4
    with pytest.raises(InputError, match="table 2 has dim 5, the first 8"):
        merge(left, table(["x"], 3, dim=5))
    with pytest.raises(InputError, match="on_conflict"):
        merge(left, right, on_conflict="last")


def test_side_by_side_unit_vectors_average_the_cosines(left):
    right = table(["actor", "the", "pizza"], 2, dim=5, counts=[5, 70, 3])
    both = concatenate(left, right)
    assert list(both.words) == ["the", "actor"]
    assert both.dim == 13
    assert both.counts.tolist() == [90, 5]
    expected = [cosine(its["the"], its["actor"]) for its in (left, right)]
    assert both.similarity("the", "actor") == pytest.approx(np.mean(expected), rel=1e-5)
    raw = concatenate(left, right, normalize=False)
    np.testing.assert_array_equal(raw["actor"], np.hstack([left["actor"], right["actor"]]))


def test_zeros_take_the_place_of_what_is_missing(left, right):
    both = concatenate(left, right, words="all")
    assert list(both.words) == ["the", "film", "actor", "pizza"]
    assert not both["film"][8:].any()
    assert not both["pizza"][:8].any()
    np.testing.assert_allclose(both.norms, np.sqrt([2, 1, 2, 1]), rtol=1e-6)
    assert not concatenate(Vectors(["o"], [[0, 0]])).matrix.any()


def test_what_can_not_be_concatenated(left):
    with pytest.raises(InputError, match="no word is in all tables"):
        concatenate(left, table(["x"], 3))
    with pytest.raises(InputError, match="at least one table"):
        concatenate()


def test_a_subset_has_the_order_of_the_words(left):
    some = subset(left, ["actor", "the", "actor"])
    assert list(some.words) == ["actor", "the"]
    np.testing.assert_array_equal(some.matrix, left.matrix[[2, 0]])
    assert some.counts.tolist() == [4, 90]
    assert some.info == {"from": "left", "operations": [{"operation": "subset", "words": 2}]}
    assert list(subset(left, left.words).words) == list(left.words)


def test_unknown_words_of_a_subset(left):
    with pytest.raises(UnknownWordError, match="no vector for 'flim': did you mean 'film'"):
        subset(left, ["the", "flim"])
    assert list(subset(left, ["the", "flim", "film"], missing="skip").words) == ["the", "film"]
    assert len(subset(left, ["flim"], missing="skip")) == 0
    with pytest.raises(InputError, match="give a list of words"):
        subset(left, "film")


def test_a_subset_composes_what_has_no_row():
    vectors = composed()
    some = subset(vectors, ["nightly", "night"])
    np.testing.assert_array_equal(some.matrix, vectors[["nightly", "night"]])
    assert some.counts.tolist() == [0, len(vectors)]
    assert some.composition is None


def test_mapped_tables_are_combined_and_left_alone(left, right, tmp_path):
    left.save(tmp_path)
    mapped = load_vectors(tmp_path)
    assert not mapped.matrix.flags.writeable
    for combine in (merge, concatenate):
        found, expected = combine(mapped, right), combine(left, right)
        np.testing.assert_array_equal(found.matrix, expected.matrix)
        assert not np.shares_memory(found.matrix, mapped.matrix)
    assert left.info == {"from": "left"}


def test_an_answer_for_unknown_words_stays(left):
    for made in (
        left.with_unknown("zero").subset(list(left.words)[:2]),
        left.with_unknown("zero").reduce(2),
    ):
        assert not made["an unknown word"].any()


def test_smaller_stored_numbers_are_decoded(left, right):
    for dtype in ("float16", "int8"):
        small = left.quantize(dtype)
        for combine in (merge, concatenate):
            found, expected = combine(small, right), combine(left, right)
            np.testing.assert_allclose(found.matrix, expected.matrix, atol=0.02)
            assert found.stored.dtype == np.float32
        np.testing.assert_allclose(subset(small, ["film"]).matrix, left[["film"]], atol=0.02)


def test_what_unknown_words_get_elsewhere_is_no_vector_here(left):
    lenient = left.with_unknown("zero")
    assert list(subset(lenient, ["flim", "film"], missing="skip").words) == ["film"]
    with pytest.raises(UnknownWordError, match="flim"):
        subset(lenient, ["flim"])
