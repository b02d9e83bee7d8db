import os
from pathlib import Path

import numpy as np
import pytest

from textdl.errors import InputError
from textdl.packed import PackedStrings
from textdl.vectors import UnknownWordError, Vectors, load_vectors, save_vectors
from textdl.vectors.ngrams import Ngrams
from textdl.vectors.subwords import SubwordComposition

WORDS = ["night", "knight", "a", "naïve", "日本語", "🙂", "</s>", "שלום", "n\u0308", "long" * 50]
UNKNOWN = ["nights", "日本", "👩‍👩‍👧", "b", "ש", "e\u0301"]


def make(ngrams=None, info=None, words=WORDS, counts=True):
    ngrams = ngrams or Ngrams(3, 5, 300)
    random = np.random.default_rng(0)
    shape = (len(words), 7)
    own = random.normal(size=shape).astype(np.float32)
    buckets = random.normal(size=(ngrams.bucket, 7)).astype(np.float32)
    composition = SubwordComposition(ngrams, buckets, own)
    return Vectors(
        words,
        composition.compose_all(PackedStrings.pack(words)),
        np.arange(len(words), 0, -1) if counts else None,
        info,
        composition=composition,
        context=random.normal(size=shape).astype(np.float32),
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vectors.bin"


# fastText 0.9.3 may stop at a NaN when it trains on so little text, and leaves part of its matrices
# as it found them in memory: it makes the vocabulary only.
SOUND = {"dim": 10, "thread": 1, "minCount": 1, "verbose": 0, "epoch": 0}


@pytest.fixture
def trained(tmp_path):
    """Makes a model with fastText: the model and its file."""
    fasttext = pytest.importorskip("fasttext")
    text = tmp_path / "text"
    text.write_text("ein naïver Text über 日本語 und 🙂 und שלום , noch ein Text\n" * 20, "utf-8")

    def train(**settings):
        model = fasttext.train_unsupervised(str(text), **SOUND, **settings)
        random = np.random.default_rng(0)
        rows = len(model.get_words()) + settings.get("bucket", 0)
        shapes = (rows, 10), (len(model.get_words()), 10)
        model.set_matrices(*(random.normal(size=shape) for shape in shapes))
        model.save_model(str(tmp_path / "model.bin"))
        return model, tmp_path / "model.bin"

    return train


def test_what_is_written_is_read(path):
    settings = {"window": 3, "epochs": 9, "negative": 11, "sample": 0.01, "min_count": 2}
    vectors = make(info={"model": "cbow", "settings": settings})
    save_vectors(vectors, path)
    loaded = load_vectors(path)
    assert list(loaded.words) == WORDS
    assert loaded.counts.tolist() == vectors.counts.tolist()
    assert loaded.info["model"] == "cbow"
    assert settings.items() <= loaded.info["settings"].items()
    assert loaded.composition.ngrams == Ngrams(3, 5, 300)
    for name in ("matrix", "context"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(vectors, name))
    for word in UNKNOWN:
        np.testing.assert_array_equal(loaded[word], vectors[word])
    save_vectors(loaded, path.with_name("again.bin"))
    assert path.with_name("again.bin").read_bytes() == path.read_bytes()
    assert sorted(file.name for file in path.parent.iterdir()) == ["again.bin", "vectors.bin"]
    # The mapped matrices don't lie where float32 should.
    save_vectors(loaded, path.with_name("folder"))
    np.testing.assert_array_equal(load_vectors(path.with_name("folder"))["b"], vectors["b"])


@pytest.mark.parametrize("model", ["skipgram", "cbow"])
@pytest.mark.parametrize("loss", ["ns", "hs"])
def test_fasttexts_models_are_read_and_written_back(trained, path, model, loss):
    theirs, file = trained(model=model, loss=loss, minn=2, maxn=4, bucket=200, neg=3)
    loaded = load_vectors(file)
    assert list(loaded.words) == theirs.get_words()
    assert loaded.info["model"] == model
    assert loaded.info["settings"]["loss"] == loss
    for word in (*loaded.words, *UNKNOWN):
        np.testing.assert_allclose(loaded[word], theirs.get_word_vector(word), rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(loaded.context, theirs.get_output_matrix())
    save_vectors(loaded, path)
    assert path.read_bytes() == file.read_bytes()


def test_a_model_without_ngrams(trained, path):
    theirs, file = trained(minn=0, maxn=0)
    loaded = load_vectors(file)
    assert loaded.composition is None
    for word in loaded.words:
        np.testing.assert_array_equal(loaded[word], theirs.get_word_vector(word))
    with pytest.raises(UnknownWordError):
        loaded["unheard"]
    save_vectors(loaded, path)
    np.testing.assert_array_equal(load_vectors(path).matrix, loaded.matrix)


@pytest.mark.parametrize("context", [True, False])
def test_fasttext_reads_what_is_written(path, context):
    fasttext = pytest.importorskip("fasttext")
    vectors = make()
    if not context:
        vectors.context = None
    save_vectors(vectors, path)
    theirs = fasttext.load_model(str(path))
    assert theirs.get_words() == WORDS
    for word in (*WORDS, *UNKNOWN):
        np.testing.assert_allclose(
            vectors[word], theirs.get_word_vector(word), rtol=1e-5, atol=1e-6
        )
    expected = vectors.context if context else np.zeros((len(WORDS), 7))
    np.testing.assert_array_equal(theirs.get_output_matrix(), expected)


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("ngrams", [Ngrams(3, 5, 300), Ngrams(0, 0, 0)])
def test_gensim_reads_what_is_written(path, ngrams, counts):
    gensim = pytest.importorskip("gensim.models.fasttext")
    # gensim gives "</s>" n-grams, fastText does not.
    vectors = make(ngrams, words=[word for word in WORDS if word != "</s>"], counts=counts)
    save_vectors(vectors, path)
    model = gensim.load_facebook_model(str(path))
    for theirs in (model.wv, gensim.load_facebook_vectors(str(path))):
        assert theirs.index_to_key == list(vectors.words)
        np.testing.assert_array_equal(theirs.vectors, vectors.matrix)
        for word in UNKNOWN if ngrams.has_rows else ():
            np.testing.assert_array_equal(theirs[word], vectors[word])
    np.testing.assert_array_equal(model.syn1neg, vectors.context)


def test_what_gensim_writes_is_read(path):
    gensim = pytest.importorskip("gensim.models.fasttext")
    sentences = [["naïve", "knights", "日本語"], ["🙂", "knights"]] * 20
    model = gensim.FastText(sentences, vector_size=6, min_count=1, bucket=100, epochs=1, workers=1)
    gensim.save_facebook_model(model, str(path))
    loaded = load_vectors(path)
    assert list(loaded.words) == model.wv.index_to_key
    for word in (*loaded.words, *UNKNOWN):
        np.testing.assert_allclose(loaded[word], model.wv[word], rtol=1e-5, atol=1e-8)
    np.testing.assert_array_equal(loaded.context, model.syn1neg)


@pytest.mark.skipif("TEXTDL_DATA" not in os.environ, reason="needs TEXTDL_DATA")
@pytest.mark.parametrize("name", ["crime-and-punishment", "lee"])
def test_real_models(name):
    gensim = pytest.importorskip("gensim.models.fasttext")
    file = Path(os.environ["TEXTDL_DATA"]) / "vectors" / f"{name}.fasttext.bin"
    theirs, loaded = gensim.load_facebook_vectors(str(file)), load_vectors(file)
    assert list(loaded.words) == theirs.index_to_key
    for word in (*loaded.words, *UNKNOWN):
        if word != "</s>":
            np.testing.assert_allclose(loaded[word], theirs[word], rtol=1e-5, atol=1e-8)
    text = file.with_suffix(".vec")
    if text.exists():
        table = load_vectors(text)
        assert list(table.words) == list(loaded.words)
        np.testing.assert_allclose(table.matrix, loaded.matrix, rtol=1e-3, atol=1e-5)


def test_a_file_that_is_cut_off_anywhere(path):
    save_vectors(make(Ngrams(3, 3, 4), words=["one", "two"]), path)
    whole = path.read_bytes()
    for length in range(4, len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"vectors\.bin: cut off.* Download or copy it again"):
            load_vectors(path)
    path.write_bytes(whole + b"x")
    with pytest.raises(InputError, match="1 bytes follow its end"):
        load_vectors(path)


@pytest.mark.parametrize(
    ("at", "value", "message"),
    [
        (4, 13, "version 13"),
        (8, 6, "don't fit an input matrix"),
        (32, 9, "settings are out of range"),
        (36, 3, "a fastText classifier"),
        (40, 3, "don't fit an input matrix"),
        (64, -1, "entries are said to be"),
        (72, 1, "entries are said to be"),
        (84, 0, "a pruned model"),
    ],
)
def test_damaged_files(path, at, value, message):
    save_vectors(make(Ngrams(3, 3, 4), words=["one", "two"]), path)
    data = bytearray(path.read_bytes())
    data[at : at + 4] = value.to_bytes(4, "little", signed=True)
    if message == "a pruned model":
        data[at : at + 8] = bytes(8)
    path.write_bytes(data)
    with pytest.raises(InputError, match=message) as error:
        load_vectors(path)
    assert str(path) in str(error.value)


def test_a_classifier(tmp_path):
    fasttext = pytest.importorskip("fasttext")
    (tmp_path / "text").write_text("__label__a good film\n__label__b bad film\n" * 200, "utf-8")
    model = fasttext.train_supervised(str(tmp_path / "text"), **SOUND)
    model.save_model(str(tmp_path / "model.bin"))
    with pytest.raises(InputError, match="a fastText classifier"):
        load_vectors(tmp_path / "model.bin")


def test_a_quantized_model(path):
    save_vectors(make(Ngrams(3, 3, 4), words=["one", "two"]), path)
    data = bytearray(path.read_bytes())
    data[64 + 28 + 2 * 13] = 1
    path.write_bytes(data)
    with pytest.raises(InputError, match="a quantized model"):
        load_vectors(path)


def test_a_model_of_floret_is_told_apart(path):
    save_vectors(make(), path)
    data = path.read_bytes()
    path.write_bytes(data[:52] + b"\2\0\0\0\2\0\0\0" + data[52:])
    with pytest.raises(InputError, match="a model of floret"):
        load_vectors(path)


def test_words_that_are_not_utf8(path):
    save_vectors(make(), path)
    path.write_bytes(path.read_bytes().replace(b"knight\0", b"kni\xffht\0"))
    assert load_vectors(path).words[1] == "kni\\xffht"


def test_what_the_format_cannot_hold(path):
    path.write_bytes(b"old")
    random = np.ones((5, 2), np.float32)
    floret = SubwordComposition(Ngrams(bucket=5, mode="floret"), random)
    for vectors, message in [
        (Vectors(["a"], [[1, 2]], composition=floret), "composed as fastText does"),
        (Vectors(["a\0"], [[1, 2]]), "NUL"),
        (Vectors([], np.zeros((0, 2))), "at least one word"),
    ]:
        with pytest.raises(InputError, match=message):
            save_vectors(vectors, path)
    assert path.read_bytes() == b"old"
    assert [file.name for file in path.parent.iterdir()] == [path.name]
