"""What vectors are asked: one question, many at once, among few, with other policies."""

import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from textdl.errors import InputError
from textdl.vectors import UnknownWordError, Vectors, search
from textdl.vectors.kernels.best import keep_best


@pytest.fixture(scope="module")
def vectors():
    random = np.random.default_rng(0)
    words = [f"word{i}" for i in range(3000)]
    matrix = random.normal(size=(3000, 20)) * random.uniform(0.1, 10, (3000, 1))
    return Vectors(words, matrix)


@pytest.fixture(scope="module")
def theirs(vectors):
    return vectors.to_gensim()


def close(found, expected):
    assert found.words == [word for word, _ in expected]
    np.testing.assert_allclose(found.scores, [score for _, score in expected], rtol=1e-4, atol=1e-6)


def test_neighbors_equal_gensims_alone_and_in_a_batch(vectors, theirs):
    asked = [f"word{i}" for i in range(0, 3000, 100)]
    answers = vectors.neighbors(asked, top=7)
    assert answers.scores.shape == (30, 7)
    for word, answer in zip(asked, answers, strict=True):
        close(answer, theirs.most_similar(word, topn=7))
        close(vectors.neighbors(word, top=7), theirs.most_similar(word, topn=7))


def test_the_compiled_batch_gives_the_same(vectors, monkeypatch):
    asked = [f"word{i}" for i in range(0, 3000, 2)]
    plain = vectors.neighbors(asked, top=9)
    monkeypatch.setattr(search, "_COMPILED", 0)
    compiled = vectors.neighbors(asked, top=9)
    np.testing.assert_array_equal(plain.rows, compiled.rows)
    np.testing.assert_allclose(plain.scores, compiled.scores, rtol=1e-5)


def test_the_kernel_keeps_the_first_of_equal_scores():
    scores = np.array([[1, 3, 3, 0, 2, 3, 1]], np.float32)
    rows, best = np.full((1, 4), -1), np.full((1, 4), -np.inf, np.float32)
    keep_best(scores, 10, rows, best)
    assert rows.tolist() == [[11, 12, 15, 14]]
    assert best.tolist() == [[3, 3, 3, 2]]


def test_vectors_as_questions(vectors):
    one = vectors["word5"]
    assert vectors.neighbors(one, top=1).words == ["word5"]
    many = vectors.neighbors(vectors[["word5", "word9"]] * 3, top=1)
    assert [answer.words for answer in many] == [["word5"], ["word9"]]
    with pytest.raises(InputError, match="not of dim 20"):
        vectors.neighbors(np.zeros(3))


def test_among(vectors):
    group = ["word9", "word3", "word700"]
    found = vectors.neighbors("word9", among=group)
    assert set(found.words) == {"word3", "word700"}
    assert (
        vectors.neighbors("word2999", among=2).words
        == vectors.neighbors("word2999", among=["word0", "word1"]).words
    )
    with pytest.raises(UnknownWordError):
        vectors.neighbors("word1", among=["nowhere"])


@pytest.mark.parametrize("dtype", ["float16", "int8"])
def test_smaller_numbers_answer_nearly_the_same(vectors, dtype):
    small = vectors.quantize(dtype)
    assert small.stored.nbytes < vectors.stored.nbytes
    for word in ("word1", "word77"):
        full = vectors.neighbors(word, top=5)
        assert len(set(full.words) & set(small.neighbors(word, top=5).words)) >= 4
        assert small.similarity(word, full.words[0]) == pytest.approx(full.scores[0], abs=0.02)
    batch = small.neighbors(["word1", "word77"], top=5)
    assert batch[1].words == small.neighbors("word77", top=5).words


def test_analogies_equal_gensims(vectors, theirs):
    for a, b, c in (("word1", "word2", "word3"), ("word10", "word500", "word2999")):
        close(
            vectors.analogy(a, b, c, top=8),
            theirs.most_similar(positive=[b, c], negative=[a], topn=8),
        )
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            expected = theirs.most_similar_cosmul(positive=[b, c], negative=[a], topn=8)
        close(vectors.analogy(a, b, c, top=8, method="mul"), expected)


def test_analogies_in_a_batch_and_by_direction(vectors):
    a, b, c = (["word1", "word10"], ["word2", "word500"], ["word3", "word2999"])
    for method in ("add", "mul", "pair"):
        batch = vectors.analogy(a, b, c, top=5, method=method)
        for i in range(2):
            alone = vectors.analogy(a[i], b[i], c[i], top=5, method=method)
            assert batch[i].words == alone.words
    units = vectors.matrix / np.linalg.norm(vectors.matrix, axis=1, keepdims=True)
    ways = units - units[3]
    norms = np.linalg.norm(ways, axis=1)
    step = units[2] - units[1]
    scores = ways @ step / np.linalg.norm(step) / np.where(norms > 0, norms, np.inf)
    scores[[1, 2, 3]] = -np.inf
    found = vectors.analogy("word1", "word2", "word3", method="pair", top=1)
    assert found.words == [f"word{scores.argmax()}"]
    assert found.scores[0] == pytest.approx(scores.max(), rel=1e-4)


def test_what_an_analogy_leaves_out(vectors):
    all_of_them = vectors.analogy("word1", "word2", "word3", exclude=[])
    assert {"word2", "word3"} <= set(all_of_them.words)
    assert "word2" not in vectors.analogy("word1", "word2", "word3", exclude=["word2"]).words
    with pytest.raises(InputError, match="must be as many: 1, 2, 1"):
        vectors.analogy(["word1"], ["word2", "word3"], ["word4"])


def test_similarities_equal_gensims(vectors, theirs):
    a, b = ["word1", "word2", "word3"], ["word4", "word900"]
    assert vectors.n_similarity(a, b) == pytest.approx(theirs.n_similarity(a, b), rel=1e-4)
    assert vectors.distance("word1", "word4") == pytest.approx(
        theirs.distance("word1", "word4"), rel=1e-4
    )
    assert vectors.odd_one_out([*a, "word900"]) == theirs.doesnt_match([*a, "word900"])
    with pytest.raises(InputError, match="at least one word on either side"):
        vectors.n_similarity([], b)


class TestUnknownWords:
    def test_policies(self, vectors):
        assert not vectors.with_unknown("zero")["wrod3"].any()
        np.testing.assert_allclose(
            vectors.with_unknown("mean")["wrod3"], vectors.matrix.mean(0), rtol=1e-4, atol=1e-6
        )
        np.testing.assert_array_equal(vectors.with_unknown("nearest")["word3x"], vectors["word3"])
        custom = vectors.with_unknown(lambda word: np.full(20, len(word)))
        assert custom["four"].tolist() == [4] * 20
        assert custom[["four", "word1"]].shape == (2, 20)
        with pytest.raises(InputError, match="shape"):
            vectors.with_unknown(lambda word: [1])["x"]
        with pytest.raises(InputError, match="no parts of words"):
            vectors.with_unknown("subword")
        with pytest.raises(UnknownWordError, match="did you mean 'word3'"):
            vectors.with_unknown("zero").with_unknown("error")["wrod3"]

    def test_they_can_be_asked_about(self, vectors):
        nearest = vectors.with_unknown("nearest")
        assert nearest.neighbors("word3x", top=1).words == ["word3"]


def test_nothing_is_decoded_before_the_first_answer(vectors, tmp_path, monkeypatch):
    from textdl import load_vectors
    from textdl.packed import PackedStrings

    vectors.save(tmp_path / "v")
    loaded = load_vectors(tmp_path / "v")
    decoded = []
    real = PackedStrings.__getitem__
    monkeypatch.setattr(PackedStrings, "__iter__", None)
    monkeypatch.setattr(
        PackedStrings, "__getitem__", lambda self, i: decoded.append(i) or real(self, i)
    )
    loaded.neighbors("word17", top=5)
    assert len(decoded) == 5


def test_taking_rows_keeps_what_belongs_to_them():
    vectors = Vectors(
        ["a", "b", "c"], np.eye(3), np.array([9, 5, 1]), context=np.eye(3, dtype=np.float32) * 2
    )
    some = vectors.take(np.array([2, 0]))
    assert list(some.words) == ["c", "a"]
    assert some.counts.tolist() == [1, 9]
    assert some.context[0].tolist() == [0, 0, 2]
    assert vectors.normalized().info == vectors.info


def test_two_batches_at_once_leave_the_threads_of_the_blas_as_they_were():
    from threadpoolctl import threadpool_info

    def limits():
        return [its["num_threads"] for its in threadpool_info() if its["user_api"] == "blas"]

    random = np.random.default_rng(0)
    vectors = Vectors([f"w{i}" for i in range(3000)], random.normal(size=(3000, 8)))
    before = limits()
    asked = [f"w{i}" for i in range(1200)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: vectors.neighbors(asked)[7].words, range(8)))
    assert limits() == before
    assert all(answer == answers[0] for answer in answers)
