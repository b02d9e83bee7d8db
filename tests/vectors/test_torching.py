import numpy as np
import pytest
from vectors.test_subwords import composed

from textdl import InputError, Vectors
from textdl.vectors.torching import Coverage, embedding_table, to_torch

VOCAB = ["<pad>", "<unk>", "w3", "odd", "w1", "stray"]


@pytest.fixture(scope="module")
def vectors():
    return Vectors([f"w{i}" for i in range(50)], np.random.default_rng(13).normal(2, 3, (50, 7)))


def test_rows_follow_the_vocabulary(vectors):
    table, coverage = embedding_table(vectors, VOCAB, padding_index=0)
    np.testing.assert_array_equal(table[[2, 4]], vectors[["w3", "w1"]])
    assert not table[[0, 1, 3, 5]].any()
    assert coverage == Coverage(2, 0, 3, ("<unk>", "odd", "stray"))
    assert coverage.share == 0.4
    assert str(coverage) == ("2 of 5 words known, 3 unknown (60.0%): '<unk>', 'odd', 'stray'")


def test_unknown_words_get_the_mean_or_draws(vectors):
    known = vectors[["w3", "w1"]]
    table, _ = embedding_table(vectors, VOCAB, padding_index=0, unknown="mean")
    np.testing.assert_allclose(table[[1, 3]], [known.mean(0)] * 2, rtol=1e-6)
    assert not table[0].any()
    vocab = [*vectors.words, *(f"u{i}" for i in range(4000))]
    table, coverage = embedding_table(vectors, vocab, unknown="normal", seed=1)
    np.testing.assert_allclose(table[50:].mean(0), vectors.matrix.mean(0), atol=0.3)
    np.testing.assert_allclose(table[50:].std(0), vectors.matrix.std(0), rtol=0.1)
    assert str(coverage).endswith("(98.8%): 'u0', 'u1', 'u2', …")
    same, _ = embedding_table(vectors, vocab, unknown="normal", seed=1)
    np.testing.assert_array_equal(same, table)
    other, _ = embedding_table(vectors, vocab, unknown="normal", seed=2)
    assert (other[50:] != table[50:]).all()


def test_words_without_a_row_are_composed():
    vectors = composed()
    table, coverage = embedding_table(vectors, ["", "night", "nightly"], padding_index=0)
    np.testing.assert_array_equal(table[1:], vectors[["night", "nightly"]])
    assert coverage == Coverage(1, 1, 0, ())
    assert str(coverage) == "1 of 2 words known, 1 composed"
    assert coverage.share == 1


def test_a_layer_looks_words_up(vectors):
    torch = pytest.importorskip("torch")
    layer, coverage = to_torch(vectors, VOCAB, padding_index=0)
    assert isinstance(layer, torch.nn.Embedding)
    assert layer.padding_idx == 0
    assert not layer.weight.requires_grad
    assert layer.weight.dtype == torch.float32
    found = layer(torch.tensor([[2, 0], [4, 5]])).numpy()
    np.testing.assert_array_equal(found[0], [vectors["w3"], np.zeros(7)])
    np.testing.assert_array_equal(found[1], [vectors["w1"], np.zeros(7)])
    assert coverage.known == 2


def test_a_layer_is_trained_but_for_its_padding(vectors):
    torch = pytest.importorskip("torch")
    layer, _ = to_torch(vectors, VOCAB, freeze=False, padding_index=0, unknown="normal")
    layer(torch.tensor([0, 2, 5])).sum().backward()
    assert layer.weight.grad.any(1).tolist() == [False, False, True, False, False, True]


def test_all_words_are_taken_and_the_vectors_left_alone(vectors):
    before = vectors.matrix.copy()
    layer, coverage = to_torch(vectors, freeze=False)
    assert coverage == Coverage(50, 0, 0, ())
    layer.weight.data.zero_()
    np.testing.assert_array_equal(vectors.matrix, before)


def test_what_is_no_vocabulary(vectors):
    with pytest.raises(InputError, match=r"none of the 50 vectors .* \(x, y, …\)"):
        embedding_table(vectors, ["x", "y"])
    with pytest.raises(InputError, match="padding_index is 6: there are 6 words"):
        to_torch(vectors, VOCAB, padding_index=6)
    with pytest.raises(InputError, match="give a list of words"):
        to_torch(vectors, "w1 w2")
    with pytest.raises(InputError, match="unknown: input should be 'zero', 'mean' or 'normal'"):
        to_torch(vectors, VOCAB, unknown="random")
