"""Documents with several labels, or none."""

import dataclasses

import numpy as np
import pytest
from classifiers.toy_corpora import make_corpus

from textdl.classifiers import (
    evaluate,
    fit_bag_of_words,
    fit_nbsvm,
    load_model,
    train_bag_of_vectors,
    train_birnn,
    train_textcnn,
    train_transformer,
    vote,
)
from textdl.errors import InputError

NAMES = ["long", "sad", "loud"]
TEXTS = ["w1 long w2", "w3", "loud w4 sad", "sad w1 w2 long w3 loud"]
SETTINGS = {
    "embedding": "random", "dim": 8, "epochs": 10, "lr": 0.02, "batch_size": 16, "loss": "binary",
    "dropout": 0.0,
}  # fmt: skip


def several(n, seed):
    """Texts that contain the names of their labels."""
    random = np.random.default_rng(seed)
    rows = (random.random((n, 3)) < [0.5, 0.3, 0.2]).astype(np.int32)
    texts = []
    for row in rows:
        words = [f"w{i}" for i in random.integers(0, 20, random.integers(1, 8))]
        words += [NAMES[i] for i in np.flatnonzero(row)]
        texts.append(" ".join(random.permutation(words).tolist()))
    return texts, rows


@pytest.fixture(scope="module")
def corpus():
    (train, train_rows), (test, test_rows) = several(300, 1), several(100, 2)
    corpus = make_corpus(NAMES, train=[(t, 0) for t in train], test=[(t, 0) for t in test])
    rows = np.concatenate([train_rows, test_rows])
    rows[:5] = -1
    return dataclasses.replace(corpus, labels=rows)


@pytest.fixture(scope="module")
def model(corpus):
    return train_textcnn(corpus, None, maps=8, **SETTINGS)


def test_predicts_a_list_for_each_text(model):
    assert model.several
    assert model.predict(TEXTS) == [["long"], [], ["sad", "loud"], NAMES]
    probabilities = model.predict_proba(TEXTS)
    assert probabilities.shape == (4, 3)
    assert np.all((probabilities >= 0) & (probabilities <= 1))
    assert probabilities[3].sum() > 1.5 > 1 > probabilities[1].sum()
    assert model.predict([]) == []


def test_documents_without_labels_are_left_out(model):
    examples = model.info["examples"]
    assert examples["training"] + examples["validation"] == 295


@pytest.mark.parametrize(
    ("train", "architecture"),
    [(train_birnn, {"hidden": 8}), (train_transformer, {"width": 16, "feedforward": 16})],
)
@pytest.mark.parametrize("loss", ["binary", "hinge", "squared"])
def test_other_networks_and_losses(corpus, train, architecture, loss):
    model = train(corpus, None, **architecture, **{**SETTINGS, "loss": loss})
    assert evaluate(corpus, model).model.accuracy > 0.9


def test_scores(model, corpus):
    found = evaluate(corpus, model)
    assert found.documents == 100
    assert found.model.accuracy > 0.95 > 0.5 > found.majority
    assert found.model.confusion == []
    assert found.model.per_class["sad"]["documents"] == corpus.labels[300:, 1].sum()
    texts, rows = several(100, 2)
    labels = [[NAMES[i] for i in np.flatnonzero(row)] for row in rows]
    assert model.evaluate(texts, labels) == found.model


@pytest.mark.parametrize("labels", [["sad"], [1]])
def test_labels_have_to_be_lists(model, labels):
    with pytest.raises(InputError, match="a text may have several: give a list for each"):
        model.evaluate(["w1 sad"], labels)


def test_save_and_load(model, tmp_path):
    model.save(tmp_path)
    loaded = load_model(tmp_path)
    assert loaded.several
    assert np.array_equal(loaded.predict_proba(TEXTS), model.predict_proba(TEXTS))


@pytest.mark.parametrize("loss", ["cross-entropy", "focal"])
def test_losses_of_one_label(corpus, loss):
    with pytest.raises(InputError, match=f"loss '{loss}' is for documents with one label each"):
        train_textcnn(corpus, None, maps=8, **{**SETTINGS, "loss": loss})


@pytest.mark.parametrize("train", [fit_nbsvm, fit_bag_of_words, train_bag_of_vectors])
def test_classifiers_of_one_label(corpus, train):
    with pytest.raises(InputError, match="may have several labels, and this classifier gives one"):
        train(corpus)


def test_an_ensemble_is_not_weighed_by_several_labels(corpus, model):
    with pytest.raises(InputError, match="may have several labels"):
        vote(corpus, {"one": model, "two": model})
