import numpy as np
import pytest

from textdl import InputError, Vectors, load_vectors
from textdl.packed import PackedStrings
from textdl.vectors import UnknownWordError
from textdl.vectors.composition import restore_composition
from textdl.vectors.ngrams import Ngrams
from textdl.vectors.subwords import SubwordComposition, mean_rows

WORDS = ["night", "knight", "a", "naïve", "日本語", "🙂", "</s>", "שלום", "long" * 50]


def composed(ngrams=None, context=True, words=WORDS):
    ngrams = ngrams or Ngrams(3, 6, 500)
    random = np.random.default_rng(0)
    own = random.normal(size=(len(words), 12)).astype(np.float32)
    buckets = random.normal(size=(ngrams.bucket, 12)).astype(np.float32)
    composition = SubwordComposition(ngrams, buckets, None if ngrams.mode == "floret" else own)
    return Vectors(
        words,
        composition.compose_all(PackedStrings.pack(words)),
        np.arange(len(words), 0, -1),
        composition=composition,
        context=random.normal(size=own.shape).astype(np.float32) if context else None,
    )


def slow(vectors, word, own=None):
    rows, _ = vectors.composition.ngrams.rows([word])
    parts = [*([] if own is None else [own]), *vectors.composition.buckets[rows]]
    total = np.zeros(vectors.dim, np.float32)
    for part in parts:
        total += part
    return total / np.float32(max(len(parts), 1))


def test_a_known_words_vector_is_the_mean_of_its_row_and_its_ngrams():
    vectors = composed()
    for i, word in enumerate(WORDS):
        expected = slow(vectors, word, vectors.composition.word_rows[i])
        np.testing.assert_array_equal(vectors[word], expected)


def test_florets_vectors_need_no_rows_of_words():
    vectors = composed(Ngrams(2, 3, 50, "floret", 2))
    np.testing.assert_array_equal(vectors["night"], slow(vectors, "night"))
    np.testing.assert_array_equal(vectors["nightly"], slow(vectors, "nightly"))


@pytest.mark.parametrize("word", ["nightly", "日本", "👩‍👩‍👧", "מ", "e\u0301"])
def test_an_unknown_words_vector_is_the_mean_of_its_ngrams(word):
    vectors = composed()
    np.testing.assert_array_equal(vectors[word], slow(vectors, word))
    np.testing.assert_array_equal(vectors.get(word, None), vectors[word])
    np.testing.assert_array_equal(vectors[["night", word]], [vectors["night"], vectors[word]])
    assert word not in vectors


def test_vectors_equal_gensims():
    keyed_vectors = pytest.importorskip("gensim.models.fasttext").FastTextKeyedVectors
    vectors = composed()
    theirs = keyed_vectors(vectors.dim, 3, 6, 500)
    words = [word for word in WORDS if word != "</s>"]  # gensim gives the end of a line n-grams.
    theirs.add_vectors(words, vectors[words])
    theirs.vectors_vocab = vectors.composition.word_rows[[WORDS.index(word) for word in words]]
    theirs.vectors_ngrams = vectors.composition.buckets
    theirs.recalc_char_ngram_buckets()
    theirs.adjust_vectors()
    np.testing.assert_array_equal(vectors[words], theirs.vectors)
    np.testing.assert_array_equal(vectors["nights"], theirs["nights"])


def test_questions_with_unknown_words():
    vectors = composed()
    near = vectors.neighbors("nightly", top=3)
    scores = {word: vectors.similarity("nightly", word) for word in WORDS}
    assert near.words == sorted(WORDS, key=scores.__getitem__, reverse=True)[:3]
    assert near[0][1] == pytest.approx(scores[near.words[0]], rel=1e-5)
    assert len(vectors.neighbors("nightly", top=100)) == len(WORDS)
    assert "night" not in vectors.analogy("night", "nightly", "knight", top=100).words


def test_a_word_too_short_for_ngrams_is_zero():
    vectors = composed()
    assert not vectors[""].any()
    assert vectors.similarity("", "night") == 0


def test_without_ngrams_words_stay_unknown():
    vectors = composed(Ngrams(0, 0, 0))
    np.testing.assert_array_equal(vectors.matrix, vectors.composition.word_rows)
    with pytest.raises(UnknownWordError, match="did you mean 'night'"):
        vectors["nigth"]
    assert vectors.get("nigth", None) is None


@pytest.mark.parametrize("ngrams", [Ngrams(3, 6, 500), Ngrams(1, 2, 40, "floret", 3, 7)])
def test_saved_vectors_compose_the_same(ngrams, tmp_path):
    vectors = composed(ngrams)
    vectors.save(tmp_path)
    loaded = load_vectors(tmp_path)
    assert loaded.composition.ngrams == ngrams
    np.testing.assert_array_equal(loaded["nightly"], vectors["nightly"])
    np.testing.assert_array_equal(loaded.context, vectors.context)
    assert not loaded.composition.buckets.flags.owndata
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "README.md",
        "vectors.json",
        "vectors.safetensors",
    ]


def test_a_composition_of_an_unknown_kind(tmp_path):
    with pytest.raises(ValueError, match="none of subwords, pieces"):
        restore_composition("other", {}, {})
    vectors = composed()
    vectors.composition.kind = "other"
    vectors.save(tmp_path)
    with pytest.raises(InputError, match="not a complete folder of vectors"):
        load_vectors(tmp_path)


def test_no_words():
    vectors = composed(words=[])
    assert vectors.matrix.shape == (0, 12)
    assert vectors["night"].any()
    assert len(vectors.neighbors("night")) == 0


def test_means_of_many_words_are_those_of_each():
    random = np.random.default_rng(1)
    table = random.normal(size=(100, 3)).astype(np.float32)
    counts = random.integers(0, 9, 3000)
    offsets = np.append(0, np.cumsum(counts))
    rows = random.integers(0, 100, offsets[-1]).astype(np.int32)
    means = mean_rows(table, rows, offsets)
    for i in range(0, 3000, 100):
        own = table[rows[offsets[i] : offsets[i + 1]]]
        expected = own.mean(0) if len(own) else np.zeros(3)
        np.testing.assert_allclose(means[i], expected, atol=1e-6)


def test_tables_must_fit():
    with pytest.raises(ValueError, match="10 buckets"):
        SubwordComposition(Ngrams(bucket=10), np.zeros((9, 2), np.float32))
    with pytest.raises(ValueError, match="2 words and 1 rows"):
        SubwordComposition(
            Ngrams(bucket=1), np.zeros((1, 2), np.float32), np.zeros((1, 2), np.float32)
        ).compose_all(PackedStrings.pack(["a", "b"]))
