import numpy as np
import pytest

import textdl
from textdl.text.documents import DocumentsWriter
from textdl.text.pieces import train_bpe
from textdl.vectors import UnknownWordError, Vectors
from textdl.vectors.composition import restore_composition
from textdl.vectors.pieces import PieceComposition


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    with DocumentsWriter(tmp_path_factory.mktemp("d")) as writer:
        for _ in range(20):
            writer.add("good food is good")
        return train_bpe(writer.close([], {}), vocab_size=275)


def test_a_string_has_the_mean_of_its_pieces(tokenizer):
    words = tokenizer.pieces
    matrix = np.random.default_rng(0).normal(size=(len(words), 4)).astype(np.float32)
    composition = PieceComposition(tokenizer, words)
    find = Vectors(words, matrix).words.find
    rows = [words.index(piece) for piece in tokenizer("good ☃")]
    np.testing.assert_allclose(
        composition.compose("good ☃", find, matrix), matrix[rows].mean(0), rtol=1e-6
    )
    assert composition.compose("", find, matrix) is None
    restored = restore_composition("pieces", composition.settings(), composition.tensors())
    np.testing.assert_array_equal(
        restored.compose("food", find, matrix), composition.compose("food", find, matrix)
    )


def test_a_part_of_the_pieces_makes_no_strings(tokenizer):
    words = list(tokenizer.pieces)
    vectors = Vectors(words, np.ones((len(words), 4)), composition=PieceComposition(tokenizer))
    part = vectors.take(np.arange(10))
    assert "superb!" not in part
    with pytest.raises(UnknownWordError, match="superb!"):
        part["superb!"]


def test_rows_that_are_not_the_pieces_are_refused(tokenizer):
    with pytest.raises(ValueError, match="don't belong together"):
        PieceComposition(tokenizer, tokenizer.pieces[1:])
    with pytest.raises(ValueError, match="as many vectors, not 3"):
        PieceComposition(tokenizer).compose("x", lambda _: 0, np.zeros((3, 2), np.float32))


def test_glove_over_pieces_has_all_of_them(tmp_path):
    texts = ["a film of films", "films about a film", "filming a film"] * 20
    (tmp_path / "text.txt").write_text("\n".join(texts) + "\n")
    documents = textdl.read_documents(tmp_path / "text.txt", tmp_path / "documents")
    tokenizer = textdl.train_bpe(documents, vocab_size=300)
    corpus = textdl.build_corpus(documents, tmp_path / "corpus", tokenizer=tokenizer)
    counts = textdl.count_cooccurrences(corpus, tmp_path / "counts")
    vectors = textdl.train_glove(counts, dim=8, epochs=2)
    assert len(vectors) == len(tokenizer.pieces) == 298
    assert vectors["unheard of"].shape == (8,)
