import numpy as np
import pytest
from vectors.test_subwords import composed

from textdl import InputError, Vectors
from textdl.vectors import UnknownWordError
from textdl.vectors.documents import document_vectors, mean

WORDS = [f"w{i}" for i in range(200)]


@pytest.fixture(scope="module")
def vectors():
    matrix = np.random.default_rng(5).normal(size=(200, 16))
    return Vectors(WORDS, matrix, (10_000 / np.arange(1, 201)).astype(np.int64))


@pytest.fixture(scope="module")
def documents():
    random = np.random.default_rng(6)
    lengths = random.integers(0, 30, 80)
    return [random.choice([*WORDS, "unknown", "strange"], n).tolist() for n in lengths] + [
        ["unknown"],
        [],
    ]


def slow_sif(vectors, documents, probability, a, remove):
    rows = []
    for document in documents:
        known = [word for word in document if word in vectors]
        total = np.zeros(vectors.dim)
        for word in known:
            total += a / (a + probability(word)) * vectors[word].astype(np.float64)
        rows.append(total / max(len(known), 1))
    rows = np.array(rows)
    for direction in np.linalg.svd(rows, full_matrices=False)[2][:remove]:
        rows = rows - np.outer(rows @ direction, direction)
    return rows


def test_the_mean_equals_gensims(vectors):
    theirs = pytest.importorskip("gensim.models").KeyedVectors(16)
    theirs.add_vectors(WORDS, vectors.matrix)
    for words, weights in [(["w1"], None), (["w1", "w7", "w7"], None), (["w1", "w2"], [2, -0.5])]:
        expected = theirs.get_mean_vector(words, weights, pre_normalize=False)
        found = mean(vectors, words, weights)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_array_equal(mean(vectors, "w1"), vectors["w1"])


def test_what_has_no_mean(vectors):
    with pytest.raises(InputError, match="at least one word"):
        mean(vectors, [])
    with pytest.raises(InputError, match="at least one word with a weight"):
        mean(vectors, ["w1"], [0])
    with pytest.raises(InputError, match="2 words need as many weights, not 1"):
        mean(vectors, ["w1", "w2"], [1])
    with pytest.raises(UnknownWordError):
        mean(vectors, ["w1", "unknown"])


def test_documents_are_means_of_their_known_words(vectors, documents):
    found = document_vectors(vectors, documents)
    assert found.dtype == np.float32
    assert found.shape == (82, 16)
    for row, document in zip(found, documents, strict=True):
        known = [word for word in document if word in vectors]
        np.testing.assert_allclose(row, mean(vectors, known) if known else np.zeros(16), atol=1e-6)
    assert not found[-2:].any()


@pytest.mark.parametrize("remove", [0, 1, 3])
@pytest.mark.parametrize("a", [1e-3, 0.1])
def test_sif_equals_its_slow_reference(vectors, documents, a, remove):
    total = vectors.counts.sum()
    expected = slow_sif(
        vectors, documents, lambda w: vectors.counts[WORDS.index(w)] / total, a, remove
    )
    found = document_vectors(vectors, documents, "sif", a=a, remove=remove)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert not found[-2:].any()


def test_without_counts_frequencies_follow_zipfs_law(vectors, documents):
    ranked = Vectors(WORDS, vectors.matrix)
    total = sum(1 / rank for rank in range(1, 201))
    expected = slow_sif(ranked, documents, lambda w: 1 / (WORDS.index(w) + 1) / total, 1e-3, 1)
    np.testing.assert_allclose(document_vectors(ranked, documents, "sif"), expected, atol=1e-5)


def test_composed_words_take_part_as_never_seen():
    vectors = composed()
    found = document_vectors(vectors, [["night", "nightly"]])
    np.testing.assert_allclose(found[0], mean(vectors, ["night", "nightly"]), atol=1e-6)
    p = vectors.counts[0] / vectors.counts.sum()
    found = document_vectors(vectors, [["night", "nightly"]], "sif", a=0.5, remove=0)
    expected = (0.5 / (0.5 + p) * vectors["night"] + vectors["nightly"]) / 2
    np.testing.assert_allclose(found[0], expected, atol=1e-6)


def test_edges_of_collections_of_documents(vectors):
    for method in ("mean", "sif"):
        assert document_vectors(vectors, [], method).shape == (0, 16)
        assert not document_vectors(vectors, [[], ["unknown"]], method).any()
    with pytest.raises(InputError, match="document 1 is the string 'a film': cut it"):
        document_vectors(vectors, [["w1"], "a film"])
    with pytest.raises(InputError, match="remove is 17"):
        document_vectors(vectors, [["w1"]], "sif", remove=17)
    with pytest.raises(InputError, match="method"):
        document_vectors(vectors, [["w1"]], method="tfidf")
