import numpy as np
import pytest
from classifiers.toy_corpora import make_corpus, review_corpus
from scipy.optimize import minimize

from textdl.classifiers import evaluate, fit_bag_of_words, load_model
from textdl.classifiers.bagofvectors import train_bag_of_vectors
from textdl.classifiers.ensemble import Ensemble, soft_vote_weights, vote
from textdl.classifiers.nbsvm import fit_nbsvm
from textdl.errors import InputError

TEXTS = ["w1 w2 good w3", "bad", "", "unheard of\n"]


@pytest.fixture(scope="module")
def corpus():
    return review_corpus()


@pytest.fixture(scope="module")
def models(corpus):
    return {
        "vectors": train_bag_of_vectors(
            corpus, dim=4, buckets=50, epochs=1, lr=1e-4, validation=0.3
        ),
        "nbsvm": fit_nbsvm(corpus, validation=0.3),
    }


def test_is_the_weighted_mean(models, corpus):
    ensemble = Ensemble(models, [1, 3])
    a, b = (model.predict_proba(TEXTS) for model in models.values())
    assert np.allclose(ensemble.predict_proba(TEXTS), a / 4 + b * 3 / 4)
    assert ensemble.predict_proba(TEXTS).dtype == np.float32
    assert ensemble.predict(TEXTS)[:2] == ["pos", "neg"]
    assert ensemble.predict([]) == []
    assert np.allclose(Ensemble(models).weights, 0.5)
    assert repr(ensemble) == "Ensemble(vectors 0.250, nbsvm 0.750)"
    assert evaluate(corpus, ensemble).model.accuracy > 0.9


def test_weights_are_the_best():
    likelihoods = np.random.default_rng(0).beta(2, 1, (300, 4))
    likelihoods[:, 3] *= 0.5
    weights = soft_vote_weights(likelihoods)
    best = minimize(
        lambda w: -np.log(likelihoods @ w).mean(),
        np.full(4, 0.25),
        bounds=[(0, 1)] * 4,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        options={"ftol": 1e-12},
    )
    assert weights.sum() == pytest.approx(1)
    assert np.allclose(weights, best.x, atol=1e-3)
    assert weights[3] < 1e-6


def test_validation_finds_the_better_model(models, corpus):
    ensemble = vote(corpus, models, validation=0.3)
    assert ensemble.weights[1] > 0.9
    assert ensemble.info["weights"]["nbsvm"] == pytest.approx(ensemble.weights[1])
    assert np.allclose(vote(corpus, models, weights="equal").weights, 0.5)


def test_a_split_for_validation_needs_no_promises(corpus):
    def lines(split):
        for row in corpus.splits[split]:
            words = [corpus.vocab.words[i] for i in corpus.document(row)]
            yield " ".join(words), int(corpus.labels[row])

    splits = {name: list(lines(name)) for name in ("train", "test")}
    other = make_corpus(["neg", "pos"], train=splits["train"], validation=splits["test"])
    models = {"words": fit_bag_of_words(other), "nbsvm": fit_nbsvm(other)}
    assert vote(other, models).weights.sum() == pytest.approx(1)


def test_models_that_have_seen_the_validation_documents(models, corpus):
    with pytest.raises(InputError, match=r"vectors was trained with validation 0.3 instead of"):
        vote(corpus, models)
    with pytest.raises(InputError, match=r"words was trained with validation None, seed None"):
        vote(corpus, {"words": fit_bag_of_words(corpus)})


def test_saves_its_members(tmp_path, models, corpus):
    ensemble = vote(corpus, models, validation=0.3)
    ensemble.save(tmp_path / "ensemble")
    assert {path.name for path in (tmp_path / "ensemble").iterdir()} == {
        "README.md", "model.json", "member-0", "member-1",
    }  # fmt: skip
    loaded = Ensemble.load(tmp_path / "ensemble")
    assert list(loaded.models) == ["vectors", "nbsvm"]
    assert np.array_equal(loaded.predict_proba(TEXTS), ensemble.predict_proba(TEXTS))
    assert loaded.info == ensemble.info


def test_any_model_is_opened_the_same_way(tmp_path, models):
    Ensemble(models).save(tmp_path)
    assert isinstance(load_model(tmp_path), Ensemble)


def test_texts_may_come_one_by_one(models):
    texts = ["good", "bad w1", "w2"]
    assert Ensemble(models).predict(text for text in texts) == Ensemble(models).predict(texts)


def test_huge_weights_are_scaled(models):
    assert Ensemble(models, [1e308, 1e308]).weights.tolist() == [0.5, 0.5]


def test_votes_may_vote(tmp_path, models):
    votes = Ensemble({"votes": Ensemble(models), **models}, [2, 1, 1])
    votes.save(tmp_path)
    texts = ["good", "bad w1", "w2"]
    assert np.array_equal(load_model(tmp_path).predict_proba(texts), votes.predict_proba(texts))


def test_what_can_not_vote(tmp_path, models):
    other = fit_bag_of_words(make_corpus(["no", "yes"], train=[("a b", 0), ("b c", 1)]))
    with pytest.raises(InputError, match="vectors has the labels neg, pos, but other has no, yes"):
        Ensemble({**models, "other": other})
    with pytest.raises(InputError, match="give at least one"):
        Ensemble({})
    with pytest.raises(InputError, match="other is no trained model but a str"):
        Ensemble({**models, "other": "model"})
    turned = make_corpus(["pos", "neg"], train=[("good", 0), ("bad", 1)] * 20)
    with pytest.raises(InputError, match="the model's labels are neg, pos, not those"):
        vote(turned, models, validation=0.3)
    for weights in ([1.0], [1.0, -1.0], [0.0, 0.0], [1.0, np.nan], "ab", ["x", "y"], {"a": 1}):
        with pytest.raises(InputError, match="an ensemble of 2 models needs as many numbers"):
            Ensemble(models, weights)
    with pytest.raises(InputError, match="not a complete ensemble"):
        Ensemble.load(tmp_path)
