import numpy as np
import pytest

from textdl.errors import InputError
from textdl.vectors import Vectors, load_vectors, save_vectors
from textdl.vectors.ngrams import Ngrams
from textdl.vectors.subwords import SubwordComposition

TABLE = """\
12 2 1 3 2 2166136261 < >
0 -1.9566 1.8465
1 -1.3801 1.3025
2 -1.4883 1.4046
3 -1.7217 1.6248
4 -2.3735 2.2399
5 -1.5264 1.4404
6 -1.122 1.0589
7 -1.6347 1.5426
8 -1.8925 1.786
9 -1.1892 1.1223
10 -2.1402 2.0197
11 -1.031 0.97293
"""
VECTORS = {
    "zzz": [-1.51239, 1.42727],
    "unheard": [-1.73747, 1.63967],
    "日": [-1.71609, 1.61949],
    "b": [-1.66437, 1.57069],
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vectors.floret"


def test_what_is_written_is_read(path):
    buckets = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32)
    ngrams = Ngrams(2, 4, 40, "floret", 2, 99)
    composition = SubwordComposition(ngrams, buckets)
    vectors = Vectors([], np.zeros((0, 6)), composition=composition)
    save_vectors(vectors, path)
    assert path.read_text("utf-8").startswith("40 6 2 4 2 99 < >\n0 0.1257")
    loaded = load_vectors(path)
    assert loaded.composition.ngrams == ngrams
    np.testing.assert_array_equal(loaded.composition.buckets, buckets)
    np.testing.assert_array_equal(loaded["日本語"], vectors["日本語"])
    assert len(loaded) == 0
    assert len(loaded.neighbors("日本語")) == 0


def test_florets_own_table(path):
    # Written by floret 0.10.5, with the vectors that it gives.
    path.write_text(TABLE, "utf-8")
    loaded = load_vectors(path)
    for word, vector in VECTORS.items():
        np.testing.assert_allclose(loaded[word], vector, rtol=1e-3, atol=1e-4)


def test_spacys_reader(path):
    initialize = pytest.importorskip("spacy.training.initialize")
    vectors = Vectors([], np.zeros((0, 4)), composition=SubwordComposition(
        Ngrams(2, 3, 9, "floret", 2), np.random.default_rng(0).random((9, 4), np.float32)
    ))  # fmt: skip
    save_vectors(vectors, path)
    data, _, settings = initialize.read_vectors(path, 0, mode="floret")
    np.testing.assert_array_equal(data, vectors.composition.buckets)
    assert settings["hash_seed"] == 2166136261


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2 1 3 6 1 7 < >\n0 1\n", "cut off"),
        ("2 1 3 6 1 7 < >\n0 1\n2 1\n", "not numbered from 0 to 1"),
        ("2 1 3 6 1 7 [ ]\n0 1\n1 1\n", "knows only < and >"),
        ("2 1 3 6 5 7 < >\n0 1\n1 1\n", "line 1: n-grams: floret can't have a hash_count of 5"),
    ],
)
def test_damaged_files(path, text, message):
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=message):
        load_vectors(path)


def test_only_floret_is_saved_as_floret(path):
    with pytest.raises(InputError, match="trained in the mode floret"):
        save_vectors(Vectors(["a"], [[1]]), path)
    assert not list(path.parent.iterdir())
