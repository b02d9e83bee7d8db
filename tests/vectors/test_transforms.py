import numpy as np
import pytest
from vectors.test_subwords import composed

from textdl import InputError, Vectors
from textdl.text.documents import DocumentsWriter
from textdl.text.pieces import train_bpe
from textdl.vectors.pieces import PieceComposition
from textdl.vectors.transforms import align, post_process, reduce


@pytest.fixture(scope="module")
def vectors():
    random = np.random.default_rng(4)
    matrix = random.normal(size=(300, 20)) * np.linspace(3, 0.2, 20) + random.normal(size=20)
    words = [f"w{i}" for i in range(300)]
    return Vectors(words, matrix, np.arange(300, 0, -1), {"corpus": "c"})


def rotation(dim, seed=0):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(dim, dim)))[0].astype(np.float32)


def test_reduced_vectors_equal_scikit_learns(vectors):
    pca = pytest.importorskip("sklearn.decomposition").PCA(6, svd_solver="full")
    small = reduce(vectors, 6)
    np.testing.assert_allclose(
        np.abs(small.matrix), np.abs(pca.fit_transform(vectors.matrix)), atol=1e-4
    )
    np.testing.assert_allclose(
        np.sum(small.matrix.var(0)) / np.sum(vectors.matrix.var(0)),
        pca.explained_variance_ratio_.sum(),
        rtol=1e-5,
    )
    assert small.counts is vectors.counts
    assert list(small.words) == list(vectors.words)
    assert small.info == {"corpus": "c", "operations": [{"operation": "reduce", "dim": 6}]}


def test_signs_do_not_depend_on_the_order_of_the_rows(vectors):
    turned = Vectors(reversed(list(vectors.words)), vectors.matrix[::-1])
    np.testing.assert_allclose(
        reduce(turned, 20).matrix[::-1], reduce(vectors, 20).matrix, atol=1e-4
    )


def test_all_dimensions_keep_all_distances(vectors):
    full = reduce(vectors, 20).matrix
    np.testing.assert_allclose(
        np.linalg.norm(full[:9] - full[9], axis=1),
        np.linalg.norm(vectors.matrix[:9] - vectors.matrix[9], axis=1),
        rtol=1e-5,
    )


@pytest.mark.parametrize("components", [None, 0, 3])
def test_all_but_the_top(vectors, components):
    centred = vectors.matrix - vectors.matrix.mean(0)
    top = np.linalg.svd(centred, full_matrices=False)[2][: 1 if components is None else components]
    processed = post_process(vectors, components)
    np.testing.assert_allclose(processed.matrix, centred - centred @ top.T @ top, atol=1e-4)
    assert processed.info["operations"] == [
        {"operation": "post_process", "components": len(top)},
    ]


def test_operations_are_all_told(vectors):
    info = reduce(post_process(vectors), 5).info
    assert [step["operation"] for step in info["operations"]] == ["post_process", "reduce"]
    assert info["corpus"] == "c"


def test_what_can_not_be_reduced(vectors):
    with pytest.raises(InputError, match="dim is 21, but the vectors have only 20"):
        reduce(vectors, 21)
    with pytest.raises(InputError, match="dim: input should be greater"):
        reduce(vectors, dim=0)
    with pytest.raises(InputError, match="nothing is left"):
        post_process(vectors, 20)
    with pytest.raises(InputError, match="the table is empty"):
        reduce(Vectors([], np.zeros((0, 3))), 2)


def test_a_rotation_is_found_exactly(vectors):
    turn = rotation(20)
    # Other lengths, another order and words of its own: the rotation is the same.
    lengths = np.random.default_rng(1).uniform(0.5, 2, (300, 1))
    other = Vectors(
        [*reversed(list(vectors.words)), "own"],
        np.vstack([(vectors.matrix @ turn * lengths)[::-1], np.ones(20)]),
        info={"period": 1900},
    )
    aligned = align(vectors, other)
    np.testing.assert_allclose(aligned.matrix, vectors.matrix @ turn, atol=1e-4)
    assert list(aligned.words) == list(vectors.words)
    assert aligned.info["operations"] == [
        {"operation": "align", "anchors": 300, "other": {"period": 1900}}
    ]


def test_translations_align_two_languages(vectors):
    turn = rotation(20, 1)
    other = Vectors([f"mot{i}" for i in range(300)], vectors.matrix @ turn)
    pairs = {f"w{i}": f"mot{i}" for i in range(0, 300, 3)} | {"unknown": "mot1", "w1": "inconnu"}
    aligned = align(vectors, other, pairs)
    np.testing.assert_allclose(aligned.matrix, other.matrix, atol=1e-4)
    assert aligned.info["operations"][0]["anchors"] == 100
    with pytest.raises(InputError, match="give a dict of translations"):
        align(vectors, other)
    with pytest.raises(InputError, match="dim 20, the other 4"):
        align(vectors, Vectors(["w1"], [[1, 2, 3, 4]]))


def test_the_most_frequent_words_are_the_anchors(vectors, monkeypatch):
    monkeypatch.setattr("textdl.vectors.transforms.ANCHORS", 100)
    # Only the frequent words are turned alike; by counts they are the last rows.
    turn, order = rotation(20), np.arange(300)[::-1]
    there = np.where(order[:, None] < 100, vectors.matrix[order] @ turn, -vectors.matrix[order])
    mixed = Vectors([f"w{i}" for i in order], vectors.matrix[order], vectors.counts[order])
    aligned = align(mixed, Vectors(mixed.words, there))
    np.testing.assert_allclose(aligned.matrix, mixed.matrix @ turn, atol=1e-4)
    named = align(mixed, Vectors(mixed.words, there), [f"w{i}" for i in range(150, 300)])
    np.testing.assert_allclose(named.matrix, -mixed.matrix, atol=1e-4)


def test_the_best_rotation_of_noisy_vectors_beats_others(vectors):
    noise = np.random.default_rng(2).normal(size=(300, 20))
    other = Vectors(vectors.words, vectors.matrix @ rotation(20) + noise)

    def fit(table):
        dots = np.einsum("ij,ij->i", table.matrix, other.matrix)
        return float(np.mean(dots / table.norms / other.norms))

    best = fit(align(vectors, other))
    near = np.linalg.qr(np.eye(20) + 0.05 * np.random.default_rng(3).normal(size=(20, 20)))[0]
    assert best > fit(Vectors(vectors.words, align(vectors, other).matrix @ near))
    assert best > fit(Vectors(vectors.words, vectors.matrix @ rotation(20)))


def test_composed_words_are_mapped_too():
    vectors = composed(words=[f"night{i}" for i in range(40)])
    turn = rotation(12)
    aligned = align(vectors, Vectors(vectors.words, vectors.matrix @ turn))
    for word in ("nightly", "night7", "🙂🙂"):
        np.testing.assert_allclose(aligned[word], vectors[word] @ turn, atol=1e-5)
    small = reduce(vectors, 4)
    assert small["nightly"].shape == (4,)
    np.testing.assert_allclose(
        small.composition.compose_all(vectors.words), small.matrix, atol=1e-5
    )


def test_words_of_pieces_are_mapped_too(tmp_path):
    with DocumentsWriter(tmp_path) as writer:
        for _ in range(20):
            writer.add("good food is good")
        tokenizer = train_bpe(writer.close([], {}), vocab_size=275)
    words = tokenizer.pieces
    matrix = np.random.default_rng(0).normal(size=(len(words), 8))
    vectors = Vectors(words, matrix, composition=PieceComposition(tokenizer, words))
    turn = rotation(8)
    aligned = align(vectors, Vectors(words, matrix @ turn))
    np.testing.assert_allclose(aligned["good food"], vectors["good food"] @ turn, atol=1e-5)


def test_nothing_is_changed_in_place(vectors):
    before = vectors.matrix.copy()
    vectors.matrix.flags.writeable = False
    for operation in (lambda v: reduce(v, 3), post_process, lambda v: align(v, v)):
        assert operation(vectors).matrix is not vectors.matrix
    np.testing.assert_array_equal(vectors.matrix, before)


def test_smaller_stored_numbers_are_decoded(vectors):
    small = vectors.quantize("float16")
    np.testing.assert_allclose(post_process(small).matrix, post_process(vectors).matrix, atol=0.02)
    np.testing.assert_allclose(align(small, vectors).matrix, vectors.matrix, atol=0.02)
