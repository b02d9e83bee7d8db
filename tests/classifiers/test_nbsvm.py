import numpy as np
import pytest
import torch
from classifiers.toy_corpora import make_corpus, review_corpus
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from textdl.classifiers import SentimentModel
from textdl.classifiers.nbsvm import fit_nbsvm
from textdl.errors import InputError


@pytest.fixture(scope="module")
def ordered():
    return review_corpus(400, ordered=True)


def labelled_lines(classes, n=120):
    random = np.random.default_rng(0)
    lines = random.integers(0, 12, (n, 7))
    return [
        (" ".join(f"w{i}" for i in line[: 1 + k % 7]), int(line[0]) % classes)
        for k, line in enumerate(lines)
    ]


def peer(texts, labels, loss, c, beta):
    """NB-SVM from dense float64 matrices."""
    vectorizer = CountVectorizer(
        tokenizer=str.split, token_pattern=None, ngram_range=(1, 3), min_df=2, binary=True
    )
    features = vectorizer.fit_transform(texts).toarray().astype(float)
    p, q = 1 + features[labels].sum(0), 1 + features[~labels].sum(0)
    ratio = np.log((p / p.sum()) / (q / q.sum()))
    scaled = features * ratio
    scaled /= np.maximum(np.linalg.norm(scaled, axis=1, keepdims=True), 1e-12)
    solver = (
        LogisticRegression(C=c, solver="liblinear", dual=True, max_iter=100_000, tol=1e-8)
        if loss == "logistic"
        else LinearSVC(C=c, max_iter=100_000, tol=1e-8)
    )
    solver.fit(scaled, labels)
    weights = beta * solver.coef_[0] + (1 - beta) * np.abs(solver.coef_[0]).mean()

    def scores(texts):
        rows = vectorizer.transform(texts).toarray() * ratio
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        return rows @ weights + solver.intercept_[0]

    return scores


@pytest.mark.parametrize("loss", ["logistic", "squared-hinge"])
@pytest.mark.parametrize("beta", [1.0, 0.25])
def test_is_what_its_formulas_say(loss, beta):
    lines = labelled_lines(2)
    corpus = make_corpus(["neg", "pos"], train=lines, test=lines[:40])
    model = fit_nbsvm(corpus, min_count=2, c=2.0, beta=beta, loss=loss)
    texts, labels = [text for text, _ in lines], np.array([label == 1 for _, label in lines])
    scores = peer(texts, labels, loss, 2.0, beta)(texts[:40])
    found = model.predict_corpus(corpus, "test")
    assert found.dtype == np.float32
    assert np.allclose(found[:, 1], 1 / (1 + np.exp(-scores)), atol=2e-3)


def test_more_classes_are_each_against_the_rest():
    lines = labelled_lines(3)
    corpus = make_corpus(["a", "b", "c"], train=lines, test=lines)
    texts, labels = [text for text, _ in lines], np.array([label for _, label in lines])
    each = [
        1 / (1 + np.exp(-peer(texts, labels == k, "logistic", 5.0, 1.0)(texts))) for k in range(3)
    ]
    expected = np.stack(each, 1) / np.sum(each, 0)[:, None]
    found = fit_nbsvm(corpus, min_count=2, c=5.0).predict_corpus(corpus, "test")
    assert np.allclose(found, expected, atol=2e-3)
    assert (found.argmax(1) == labels).mean() > 0.9


def test_bigrams_see_the_order_of_words(ordered):
    labels = ordered.labels[ordered.splits["test"].start :]
    accuracies = [
        (fit_nbsvm(ordered, longest=n).predict_corpus(ordered, "test").argmax(1) == labels).mean()
        for n in (1, 2)
    ]
    assert accuracies[0] < 0.6
    assert accuracies[1] > 0.95


def test_padding_and_company_change_nothing(ordered):
    network = fit_nbsvm(ordered).network
    ids = torch.tensor([[5, 6, 7, 0, 0], [8, 5, 6, 7, 9], [0, 0, 0, 0, 0]])
    together = network(ids, torch.tensor([3, 5, 0]))
    assert torch.equal(together[:1], network(ids[:1, :3], torch.tensor([3])))
    assert torch.equal(together[1:2], network(ids[1:2], torch.tensor([5])))
    assert torch.equal(together[2:], network(torch.zeros(1, 0, dtype=torch.int64), torch.zeros(1)))


def test_repeated_ngrams_count_once(ordered):
    model = fit_nbsvm(ordered, longest=1)
    once, twice = model.predict_proba(["good w1", "good w1 good good w1"])
    assert np.array_equal(once, twice)


def test_saves_the_same_bytes_twice_and_loads(tmp_path, ordered):
    for name in ("one", "two"):
        model = fit_nbsvm(ordered)
        model.save(tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    loaded = SentimentModel.load(tmp_path / "one")
    texts = ["good w1 bad", "bad w2 good\n", "", "never heard"]
    assert np.array_equal(loaded.predict_proba(texts), model.predict_proba(texts))
    assert loaded.info["settings"]["longest"] == 3


def test_without_normalization_weights_are_summed(ordered):
    network = fit_nbsvm(ordered, normalize=False, longest=1).network
    good, w1 = ordered.vocab.encode(["good", "w1"]).tolist()
    ids = torch.tensor([[good, 0], [w1, 0], [good, w1], [0, 0]])
    one, other, both, empty = network(ids, torch.tensor([1, 1, 2, 0]))[:, 1].tolist()
    assert both == pytest.approx(one + other - empty, abs=1e-5)


def test_a_solver_that_does_not_come_to_an_end_says_so(ordered):
    noted = []

    class Noted:
        def update(self, *args, **facts): ...

        def note(self, text):
            noted.append(text)

    fit_nbsvm(ordered, loss="squared-hinge", c=1e9, longest=1, progress=Noted())
    assert any("stopped after 1,000 rounds: a lower c" in text for text in noted)


def test_held_out_documents_take_no_part(ordered):
    assert fit_nbsvm(ordered).info["examples"] == {"training": 400}
    assert fit_nbsvm(ordered, validation=0.1).info["examples"] == {"training": 360}


def test_settings_and_corpora_that_can_not_be(ordered):
    with pytest.raises(InputError, match="fit_nbsvm: beta: input should be less than or equal"):
        fit_nbsvm(ordered, beta=1.5)
    with pytest.raises(InputError, match="no n-gram is in 500 of the 400 documents: lower min_"):
        fit_nbsvm(ordered, min_count=500)
    unlabelled = make_corpus([], train=[("a b", -1), ("b c", -1)])
    with pytest.raises(InputError, match="split 'train' has no labels"):
        fit_nbsvm(unlabelled)
