"""Documents with several labels, or none."""

import dataclasses
import json

import numpy as np
import pytest
from classifiers.toy_corpora import make_corpus

import textdl
from textdl.classifiers import (
    Ensemble,
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
from textdl.classifiers.examples import training_and_validation
from textdl.errors import InputError
from textdl.progress import Silent

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


@pytest.mark.parametrize("train", [fit_bag_of_words, train_bag_of_vectors])
def test_classifiers_of_one_label(corpus, train):
    with pytest.raises(InputError, match="may have several labels, and this classifier gives one"):
        train(corpus)


@pytest.mark.parametrize("settings", [{}, {"normalize": False, "c": 1.0, "beta": 0.5}])
def test_nbsvm_decides_each_label_for_itself(corpus, tmp_path, settings):
    model = fit_nbsvm(corpus, longest=1, min_count=1, **settings)
    assert model.several
    assert model.info["examples"] == {"training": 295}
    assert evaluate(corpus, model).model.accuracy > 0.9
    assert model.predict(["sad w1 w2 long w3 loud"]) == [NAMES]
    for i, name in enumerate(NAMES):
        rows = np.where(corpus.labels[:, 0] < 0, -1, corpus.labels[:, i]).astype(np.int32)
        binary = dataclasses.replace(corpus, labels=rows, label_names=["no", name])
        alone = fit_nbsvm(binary, longest=1, min_count=1, **settings)
        expected = alone.predict_corpus(corpus, "test")[:, 1]
        assert np.allclose(model.predict_corpus(corpus, "test")[:, i], expected, atol=1e-5)
    model.save(tmp_path)
    assert np.array_equal(load_model(tmp_path).predict_proba(TEXTS), model.predict_proba(TEXTS))


def test_nbsvm_of_two_or_one_label_that_exclude_nothing(corpus):
    for n in (1, 2):
        few = dataclasses.replace(corpus, labels=corpus.labels[:, :n], label_names=NAMES[:n])
        model = fit_nbsvm(few, longest=1, min_count=1)
        assert model.predict_proba(TEXTS).shape == (4, n)
        assert model.predict(TEXTS) == [["long"], [], ["sad"][: n - 1], NAMES[:n]]


def test_nbsvm_of_a_label_that_all_have(corpus):
    rows = np.array(corpus.labels)
    rows[5:300, 1] = 1
    with pytest.raises(InputError, match="every document of split 'train' has the label 'sad'"):
        fit_nbsvm(dataclasses.replace(corpus, labels=rows))


def fooled(corpus, label):
    """NB-SVM from documents of which a label is drawn anew."""
    rows = np.array(corpus.labels)
    rows[5:300, label] = np.random.default_rng(0).permutation(rows[5:300, label])
    noisy = dataclasses.replace(corpus, labels=rows)
    return fit_nbsvm(noisy, longest=1, min_count=1, c=1.0, validation=0.1)


def test_an_ensemble_is_weighed_by_all_decisions(corpus, tmp_path):
    models = {NAMES[label]: fooled(corpus, label) for label in (0, 2)}
    ensemble = vote(corpus, models)
    assert ensemble.several
    _, held_out = training_and_validation(
        corpus, "train", share=0.1, seed=1, progress=Silent(), several=True
    )

    def likelihood(weights):
        voted = Ensemble(models, weights).predict_corpus(corpus, "train")[held_out.documents]
        return np.log(np.where(held_out.labels, voted, 1 - voted)).mean()

    others = [likelihood([x, 1 - x]) for x in np.linspace(0.01, 0.99, 15)]
    assert 0.1 < ensemble.weights[0] < 0.9
    assert likelihood(ensemble.weights) >= max(others) - 1e-6
    assert max(others) - max(others[0], others[-1]) > 0.01
    best = max(evaluate(corpus, its).model.accuracy for its in models.values())
    assert evaluate(corpus, ensemble).model.accuracy >= best
    ensemble.save(tmp_path)
    assert load_model(tmp_path).predict(TEXTS) == ensemble.predict(TEXTS)


def test_models_of_one_label_are_not_weighed_by_several(corpus):
    rows = np.maximum(corpus.labels[:, 0], 0)
    one = dataclasses.replace(corpus, labels=rows, label_names=["short", "long"])
    single = fit_nbsvm(one, longest=1, validation=0.1)
    with pytest.raises(InputError, match="don't agree on whether a document can have several"):
        vote(corpus, {"one": single})


PIPELINE = """
[reviews]
dataset = "{data}"

[tokens]
inputs = {{ documents = "reviews" }}
min_count = 1

[textcnn]
inputs = {{ corpus = "tokens" }}
embedding = "random"
dim = 8
maps = 8
epochs = 10
lr = 0.02
batch_size = 16
loss = "binary"
seeds = 2

[nbsvm]
inputs = {{ corpus = "tokens" }}
validation = 0.1

[ensemble]
inputs = {{ corpus = "tokens", models = ["textcnn", "nbsvm"] }}

[evaluation]
inputs = {{ corpus = "tokens", model = "ensemble" }}

[report]
inputs = {{ corpus = "tokens", model = "textcnn", evaluation = "evaluation" }}
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Lists of labels in JSONL; some documents have none that is known."""
    folder = tmp_path_factory.mktemp("data")
    for split, n, seed in (("train", 300, 1), ("test", 100, 2)):
        texts, rows = several(n, seed)
        lists = [[NAMES[i] for i in np.flatnonzero(row)] for row in rows]
        items = [
            {"text": text, "labels": None if split == "train" and i < 5 else labels}
            for i, (text, labels) in enumerate(zip(texts, lists, strict=True))
        ]
        (folder / f"{split}.jsonl").write_text("\n".join(map(json.dumps, items)))
    return folder


def test_from_a_file_to_a_report(files, tmp_path):
    pipeline = tmp_path / "job.toml"
    pipeline.write_text(PIPELINE.format(data=files))
    run = textdl.run(pipeline, home=tmp_path / "home", runs=tmp_path / "runs")
    assert run.tokens.labels.shape == (400, 3)
    assert run.tokens.label_names == sorted(NAMES)
    assert sum(run.textcnn.info["examples"].values()) == 295
    assert run.ensemble.predict(TEXTS) == [["long"], [], ["loud", "sad"], sorted(NAMES)]
    assert run.evaluation.documents == 100
    assert run.evaluation.model.accuracy > 0.9
    report = (run.report.folder / "report.md").read_text("utf-8")
    counts = run.tokens.labels[:300][run.tokens.labels[:300, 0] >= 0].sum(0)
    assert " | ".join(map(str, counts)) in next(
        line for line in report.splitlines() if line.startswith("| train")
    )
