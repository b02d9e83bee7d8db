import numpy as np
import pytest
from classifiers.toy_corpora import make_corpus, review_corpus
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from textdl.classifiers import BagOfWords, fit_bag_of_words
from textdl.errors import InputError


def texts_of(corpus, split):
    rows, words = corpus.splits[split], corpus.vocab.words
    return [[words[i] for i in corpus.document(row)] for row in rows]


@pytest.mark.parametrize("classes", [2, 3])
def test_is_what_scikit_learn_computes(classes):
    random = np.random.default_rng(0)
    words = random.integers(0, 20, (150, 6))
    labelled = [
        (" ".join(f"w{i}" for i in row[: n % 7]), int(row[0]) % classes)
        for n, row in enumerate(words)
    ]
    corpus = make_corpus([f"class {i}" for i in range(classes)], train=labelled, test=labelled[:50])
    vectorizer = TfidfVectorizer(analyzer=list, sublinear_tf=True)
    features = vectorizer.fit_transform(texts_of(corpus, "train"))
    regression = LogisticRegression(C=10.0, max_iter=1000)
    regression.fit(features, corpus.labels[:150])
    theirs = regression.predict_proba(vectorizer.transform(texts_of(corpus, "test")))
    ours = fit_bag_of_words(corpus).predict_corpus(corpus, "test")
    assert ours.dtype == np.float32
    assert np.allclose(ours, theirs, atol=1e-3)


def test_same_bytes_twice_and_a_type_of_its_own(tmp_path):
    corpus = review_corpus()
    for name in ("one", "two"):
        fit_bag_of_words(corpus).save(tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    loaded = BagOfWords.load(tmp_path / "one")
    assert isinstance(loaded, BagOfWords)
    assert loaded.predict(["good w1", "bad w1\n"]) == ["pos", "neg"]


def test_no_labels():
    corpus = make_corpus([], train=[("a b", -1), ("b c", -1)])
    with pytest.raises(InputError, match="split 'train' has no labels"):
        fit_bag_of_words(corpus)
