import numpy as np
import pytest

from textdl.errors import InputError
from textdl.vectors import UnknownWordError, Vectors, load_vectors


@pytest.fixture(scope="module")
def vectors():
    random = np.random.default_rng(0)
    words = [f"word{i}" for i in range(500)] + ["naïve", "日本", "a b", "", "-"]
    matrix = random.normal(size=(len(words), 20)) * random.uniform(0.1, 10, (len(words), 1))
    return Vectors(words, matrix, np.arange(len(words))[::-1].copy(), {"from": "nowhere"})


def test_lookup(vectors):
    assert len(vectors) == 505
    assert vectors.dim == 20
    assert "naïve" in vectors
    assert "naive" not in vectors
    assert 7 not in vectors
    assert vectors["word3"].shape == (20,)
    np.testing.assert_array_equal(vectors[["word3", "日本"]], vectors.matrix[[3, 501]])
    assert vectors.get("nobody", None) is None
    assert list(vectors.words[:2]) == ["word0", "word1"]
    assert repr(vectors) == "Vectors(505 words, dim 20)"


def test_vectors_are_immutable(vectors):
    vectors.norms  # noqa: B018 - they are kept, and must stay those of the vectors
    word = vectors.words[0]
    mean = vectors.with_unknown("mean")["an unknown word"]
    for found in (vectors[word], vectors.matrix, vectors.stored, mean):
        with pytest.raises(ValueError, match="read-only"):
            found[:] = 0


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda v: v[[1, 2]], r"asked for by words, not by \[1, 2\]"),
        (lambda v: v.analogy("a", "b", "c", method="ADD"), "method 'ADD': there are add, mul, pa"),
        (lambda v: v.analogy("a", "b", "c", method="mul", top=0), "top is 0: ask for"),
        (lambda v: v.neighbors("a", top=2.0), r"top is 2\.0: ask for a whole number"),
        (lambda v: v.neighbors("a", among="b"), r"among: one word instead of a list"),
        (lambda v: v.neighbors(np.full(3, np.nan)), "holds nan or infinity"),
        (lambda v: v.n_similarity("a", "b"), "n_similarity: give a list"),
        (lambda v: v.with_unknown("zeros"), "unknown='zeros': there are error, zero"),
        (lambda v: v.quantize("int16"), "dtype 'int16': there are float32"),
        (lambda v: Vectors(["a"], [[1e6]]).quantize("float16"), "float16 can't hold 1e[+]06"),
        (lambda v: Vectors(["a"], [[1]], unknown="subword"), "have no parts"),
    ],
)
def test_what_can_not_be_asked(ask, message):
    with pytest.raises(InputError, match=message):
        ask(Vectors(["a", "b", "c"], np.eye(3)))


def test_words_may_be_an_array_and_answers_be_cut():
    vectors = Vectors(["a", "b", "c"], [[1, 0], [1, 0.1], [0, 1]])
    one, two = vectors.neighbors(np.array(["a", "c"]))
    assert one.words == vectors.neighbors("a").words
    assert two[:1].words == vectors.neighbors("c", top=1).words


def test_an_unknown_word_names_words_spelled_like_it(vectors):
    with pytest.raises(UnknownWordError, match="no vector for 'wrod3': did you mean 'word3'"):
        vectors["wrod3"]
    with pytest.raises(KeyError):
        vectors.neighbors("nothing like it")


def test_answers_equal_gensims(vectors):
    keyed_vectors = pytest.importorskip("gensim.models").KeyedVectors
    theirs = keyed_vectors(20)
    theirs.add_vectors(list(vectors.words), vectors.matrix)
    for positive, negative in [(["word1"], []), (["word1", "日本"], ["word2"]), ([], ["word9"])]:
        expected = theirs.most_similar(positive=positive, negative=negative, topn=12)
        found = vectors.neighbors(positive=positive, negative=negative, top=12)
        assert found.words == [word for word, _ in expected]
        np.testing.assert_allclose(found.scores, [score for _, score in expected], rtol=1e-5)
    assert vectors.similarity("word1", "word2") == pytest.approx(
        theirs.similarity("word1", "word2"), rel=1e-5
    )


def test_analogies_leave_their_words_out():
    vectors = Vectors(
        ["man", "woman", "king", "queen", "tree"],
        [[1, 0, 0.1], [1, 1, 0.1], [2, 0, 1], [2, 1, 1], [-1, -1, 3]],
    )
    assert vectors.analogy("man", "woman", "king", top=1).words == ["queen"]
    assert set(vectors.analogy("man", "woman", "king").words) == {"queen", "tree"}


def test_neighbors_print_and_iterate():
    vectors = Vectors(["good", "fine", "bad"], [[1, 0.1], [1, 0.2], [-1, 0]])
    near = vectors.neighbors("good")
    assert repr(near) == "fine   0.9952\nbad   -0.9950"
    assert [word for word, _ in near] == ["fine", "bad"]
    assert near[0][0] == "fine"
    assert len(near) == 2
    with pytest.raises(InputError, match="at least one word"):
        vectors.neighbors()


def test_ties_keep_the_order_of_the_words():
    vectors = Vectors(list("abcdef"), [[1, 0]] * 6)
    assert vectors.neighbors("c", top=3).words == ["a", "b", "d"]


def test_a_zero_vector_is_like_nothing():
    vectors = Vectors(["zero", "one"], [[0, 0], [1, 1]])
    assert vectors.similarity("zero", "one") == 0
    assert vectors.neighbors("one")[0] == ("zero", 0)


def test_saved_vectors_come_back_and_are_mapped(vectors, tmp_path):
    vectors.save(tmp_path / "a")
    loaded = load_vectors(tmp_path / "a")
    np.testing.assert_array_equal(loaded.matrix, vectors.matrix)
    assert list(loaded.words) == list(vectors.words)
    assert loaded.counts.tolist() == vectors.counts.tolist()
    assert loaded.info == {"from": "nowhere"}
    assert not loaded.matrix.flags.writeable
    assert not loaded.matrix.flags.owndata
    loaded.save(tmp_path / "b")
    for name in ("vectors.safetensors", "vectors.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_what_is_no_vectors(vectors, tmp_path):
    with pytest.raises(InputError, match="absent: no such file"):
        load_vectors(tmp_path / "absent")
    with pytest.raises(InputError, match=r"holds no vectors\.safetensors"):
        load_vectors(tmp_path)
    vectors.save(tmp_path)
    file = tmp_path / "vectors.safetensors"
    whole = file.read_bytes()
    for damaged in (b"", whole[:7], whole[:-1], b"\xff" * 100, whole[:8] + b"x" * len(whole)):
        file.write_bytes(damaged)
        with pytest.raises(InputError, match=r"vectors\.safetensors"):
            load_vectors(tmp_path)


def test_a_matrix_must_have_a_row_for_every_word():
    with pytest.raises(ValueError, match="2 words need a matrix of as many rows"):
        Vectors(["a", "b"], [[1, 2]])
