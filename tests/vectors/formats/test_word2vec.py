import os
from pathlib import Path

import numpy as np
import pytest

from textdl.errors import InputError
from textdl.vectors import Vectors, load_vectors, save_vectors


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vectors.vec"


def test_every_float_comes_back(path):
    random = np.random.default_rng(0)
    matrix = random.normal(size=(5000, 3)) * 10.0 ** random.integers(-30, 30, (5000, 3))
    vectors = Vectors(["naïve", "日本語", "\u2028", "n\u0308", *map(str, range(4996))], matrix)
    save_vectors(vectors, path)
    loaded = load_vectors(path)
    assert list(loaded.words) == list(vectors.words)
    np.testing.assert_array_equal(loaded.matrix, vectors.matrix)


def test_gensim_reads_what_is_written(path):
    keyed_vectors = pytest.importorskip("gensim.models").KeyedVectors
    vectors = Vectors(["naïve", "日本語"], np.random.default_rng(0).normal(size=(2, 9)))
    save_vectors(vectors, path)
    theirs = keyed_vectors.load_word2vec_format(str(path))
    assert theirs.index_to_key == list(vectors.words)
    np.testing.assert_array_equal(theirs.vectors, vectors.matrix)


def test_fasttexts_trailing_spaces_and_words_with_spaces(path):
    path.write_bytes(b"3 2\none 1 -2e-3 \r\nNew York 3 4\nsix\t5\t6 \n")
    loaded = load_vectors(path)
    assert list(loaded.words) == ["one", "New York", "six"]
    np.testing.assert_allclose(loaded.matrix, [[1, -0.002], [3, 4], [5, 6]], rtol=1e-6)


def test_no_words(path):
    save_vectors(Vectors([], np.zeros((0, 4))), path)
    assert load_vectors(path).matrix.shape == (0, 4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3 2\na 1 2\nb 3 4\n", "cut off: its first line promises 3 rows, the file has 2"),
        ("900000000 300\na 1 2\n", "is too short"),
        ("1 2\na 1 2\nb 3 4\n", "more rows than the 1"),
        ("2 2\na 1 2\nb 3\n", "line 3: 'b 3'… is not a word and 2 numbers"),
        ("2 2\na 1 2\nb 3 x\n", "line 3"),
        ("2 2\na 1 2\n\n", "promises 2 rows, the file has 1"),
        ("2 2\na 1 2\n\nb 1 2\n", "line 3: is empty"),
    ],
)
def test_damaged_files(path, text, message):
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=message):
        load_vectors(path)


def test_words_that_are_not_utf8(path):
    path.write_bytes(b"1 2\n\xff 1 2\n")
    with pytest.raises(InputError, match=r"line 2: the word .* is not UTF-8"):
        load_vectors(path)


@pytest.mark.parametrize("word", ["", "New York", "a\nb", "a\r", "\t"])
def test_words_that_text_cannot_hold(path, word):
    with pytest.raises(InputError, match=r"can't hold the word"):
        save_vectors(Vectors(["fine", word, "too"], np.ones((3, 2))), path)
    assert not list(path.parent.iterdir())


@pytest.mark.skipif("TEXTDL_DATA" not in os.environ, reason="needs TEXTDL_DATA")
def test_real_vectors():
    keyed_vectors = pytest.importorskip("gensim.models").KeyedVectors
    file = Path(os.environ["TEXTDL_DATA"]) / "vectors" / "googlenews.top1000.w2v.txt"
    theirs, loaded = keyed_vectors.load_word2vec_format(str(file)), load_vectors(file)
    assert list(loaded.words) == theirs.index_to_key
    np.testing.assert_array_equal(loaded.matrix, theirs.vectors)
