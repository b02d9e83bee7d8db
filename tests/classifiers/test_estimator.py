import io
import subprocess
import sys
from warnings import catch_warnings, simplefilter

import joblib
import numpy as np
import pytest
from classifiers.toy_corpora import make_vectors, review_corpus, reviews
from sklearn.base import clone
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks
from sklearn.utils.validation import check_is_fitted, validate_data

from textdl import SentimentClassifier
from textdl.errors import InputError
from textdl.text.tokenizers import WordTokenizer

SMALL = {
    "bag_of_vectors": {"epochs": 20, "settings": {"buckets": 1000}},
    "birnn": {
        "epochs": 6, "lr": 0.02, "settings": {"dim": 8, "hidden": 8, "batch_size": 16},
    },
    "nbsvm": {"settings": {"longest": 1, "min_count": 1}},
    "textcnn": {"epochs": 4, "lr": 0.02, "settings": {"dim": 8, "maps": 8, "batch_size": 16}},
    "transformer": {
        "epochs": 6,
        "lr": 0.01,
        "settings": {"dim": 8, "width": 16, "feedforward": 16, "heads": 2, "batch_size": 16},
    },
}  # fmt: skip


def small(network="textcnn", settings=None, **parameters):
    given = SMALL[network]
    return SentimentClassifier(
        network, **{**given, **parameters, "settings": {**given["settings"], **(settings or {})}}
    )


def task(n=200, seed=1):
    texts, labels = zip(*reviews(n, seed), strict=True)
    return list(texts), np.array(["neg", "pos"])[list(labels)]


@pytest.mark.parametrize("network", SMALL)
def test_every_network(network):
    texts, labels = task()
    classifier = small(network)
    assert classifier.fit(texts, labels) is classifier
    assert classifier.model_.label_names == classifier.classes_.tolist() == ["neg", "pos"]
    others, truth = task(100, 2)
    assert classifier.score(others, truth) > 0.9
    probabilities = classifier.predict_proba(others)
    assert probabilities.shape == (100, 2)
    predicted = classifier.predict(others)
    assert predicted.tolist() == classifier.classes_[probabilities.argmax(1)].tolist()
    assert predicted.tolist() == classifier.model_.predict(others)


@pytest.mark.parametrize(
    "classes", [[-1, 7], [False, True], [10, 9, 8], np.array(["b", "a"], object)]
)
def test_labels_of_any_kind(classes):
    texts = [f"w{i % 7} {'abc'[i % len(classes)]}" for i in range(60)]
    labels = [classes[i % len(classes)] for i in range(60)]
    classifier = small("nbsvm").fit(texts, labels)
    assert classifier.classes_.tolist() == sorted(classes)
    assert classifier.predict(texts).tolist() == labels


def test_several_labels():
    texts, labels = task()
    rows = np.stack([labels == "pos", ["w1" in text.split() for text in texts]], 1).astype(int)
    classifier = small(epochs=10).fit(texts, rows)
    assert classifier.classes_.tolist() == [0, 1]
    assert classifier.model_.several
    predicted = classifier.predict(texts)
    assert predicted.shape == (200, 2)
    assert predicted.dtype == rows.dtype
    assert classifier.score(texts, rows) > 0.9
    assert np.array_equal(predicted, classifier.predict_proba(texts) >= 0.5)
    again = pickled(classifier)
    assert np.array_equal(again.predict(texts), predicted)
    with pytest.raises(InputError, match="this classifier gives one"):
        small("bag_of_vectors").fit(texts, rows)
    assert small("nbsvm").fit(texts, rows).score(texts, rows) > 0.9


def test_parameters_are_settings_of_the_trainer():
    texts, labels = task(60)
    classifier = small(dropout=0.25, epochs=2, seed=5).fit(texts, labels)
    settings = classifier.model_.info["settings"]
    assert (settings["dropout"], settings["seed"], settings["embedding"]) == (0.25, 5, "random")
    assert settings["epochs"] == 2
    with pytest.raises(InputError, match="settings: lr is a parameter of its own"):
        small(settings={"lr": 0.1}).fit(texts, labels)
    with pytest.raises(InputError, match="no setting 'mapps': did you mean 'maps'"):
        small(settings={"mapps": 3}).fit(texts, labels)
    with pytest.raises(InputError, match=r"fit_nbsvm\(\) has no setting 'epochs'"):
        small("nbsvm", epochs=3).fit(texts, labels)
    for name in ("corpus", "vectors"):
        with pytest.raises(InputError, match=f"settings: {name} is a parameter of its own"):
            small(settings={name: None}).fit(texts, labels)
    for settings in ("maps", {1: 2}):
        with pytest.raises(InputError, match=rf"settings: a dict of .* not {settings!r}"):
            SentimentClassifier(settings=settings).fit(texts, labels)
    with pytest.raises(InputError, match="no network"):
        SentimentClassifier(["textcnn"]).fit(texts, labels)
    with pytest.raises(InputError, match="lr"):
        SentimentClassifier(lr=-1.0).fit(texts, labels)


def test_rare_words_are_unknown():
    texts, labels = task(60)
    classifier = small("nbsvm", min_count=3).fit(["once", *texts], ["pos", *labels])
    assert "once" not in classifier.model_.vocab
    assert "good" in classifier.model_.vocab


@pytest.mark.parametrize("how", ["object", "path", "string"])
def test_vectors(how, tmp_path):
    texts, labels = task()
    vectors = make_vectors(review_corpus())
    vectors.save(tmp_path)
    given = {"object": vectors, "path": tmp_path, "string": str(tmp_path)}[how]
    classifier = small(vectors=given, settings={"embedding": "static"}).fit(texts, labels)
    assert classifier.model_.info["coverage"]["words"] == 1
    assert classifier.score(texts, labels) > 0.9
    assert clone(classifier).fit(texts, labels).score(texts, labels) > 0.9
    with pytest.raises(InputError, match="nbsvm reads no vectors"):
        small("nbsvm", vectors=given).fit(texts, labels)
    with pytest.raises(InputError, match="vectors: a ndarray is none"):
        small(vectors=vectors.matrix).fit(texts, labels)


def test_vectors_are_searched_over():
    texts, labels = task(60)
    given = [make_vectors(review_corpus()), make_vectors(review_corpus()), None]
    search = GridSearchCV(small(epochs=1), {"vectors": given}, cv=2).fit(texts, labels)
    assert list(search.cv_results_["param_vectors"]) == given


def test_tokenizers():
    texts, labels = task(60)
    upper = [text.upper() for text in texts]
    for tokenizer in (WordTokenizer(lower=False), "words", None):
        classifier = small("nbsvm", tokenizer=tokenizer).fit(upper, labels)
        assert ("GOOD" in classifier.model_.vocab) == isinstance(tokenizer, WordTokenizer)
    for name in ("word", "bpe"):
        with pytest.raises(InputError, match=f"no tokenizer '{name}': there are words, "):
            small(tokenizer=name).fit(texts, labels)


@pytest.mark.parametrize(
    ("texts", "labels", "message"),
    [
        ("one text", [0], r"write \[text\]"),
        ([[1.0, 2.0], [3.0, 4.0]], [0, 1], "text 0 is no string but list"),
        ([1.5, 2.5], [0, 1], "text 0 is no string but float"),
        (np.ones((2, 3)), [0, 1], r"a ndarray of shape \(2, 3\) is no list of texts"),
        (None, [0, 1], "a NoneType is no list of texts"),
        ({"a": 1, "b": 2}, [0, 1], "a dict is no list of texts"),
        ([], [], "no texts"),
        (["a", "b", "c"], [0, 1], "3 texts and 2 labels"),
        (["a", "b"], ["x", "x"], "1 class: .* at least two"),
        (["a", "b"], [0.5, 1.5], "Unknown label type: continuous"),
        (["a", "b"], [{1}, {2}], "the labels can't be used: Unknown label type"),
        (["a", "b"], None, "the labels can't be used"),
        (["a", "b"], [[0, 2], [2, 0]], r"labels of shape \[n, classes\] must be 0 and 1"),
        (["a", "b"], [[0, 1, 2], [2, 3, 0]], "Unknown label type: multiclass-multioutput"),
        (["a", "b"], ["x", None], "the labels can't be used: label 1 is None, label 0 is 'x'"),
        (["a", "b"], np.array(["x", None]), "the labels can't be used: '<' not supported"),
        (["a"] * 60, ["x", None] * 30, "the labels can't be used: label 1 is None"),
        (["a"] * 4, ["x", "y", "x", float("nan")], "label 3 is NaN"),
        (["a"] * 4, [1, "n", 1, "n"], "label 1 is 'n', label 0 is 1"),
        (["a"] * 4, ["x", "\ud800"] * 2, "has half a character"),
        (["a", "b \ud800"], ["x", "y"], r"text 1 has half a character at 2 \('.ud800'\)"),
        (["a", "b", "c"], [0, 1, 1], "1 of the label '0', and training needs at least 2"),
    ],
)
def test_bad_input(texts, labels, message):
    with pytest.raises(InputError, match=message):
        small().fit(texts, labels)


def test_bad_parameters_are_told_in_fit():
    texts, labels = task(60)
    with pytest.raises(InputError, match="no network 'cnn': there are bag_of_vectors"):
        SentimentClassifier("cnn").fit(texts, labels)
    with pytest.raises(InputError, match="min_count"):
        SentimentClassifier(min_count=0).fit(texts, labels)


def test_what_is_not_fitted():
    with pytest.raises(NotFittedError):
        SentimentClassifier().predict(["text"])


def test_clones():
    classifier = small(seed=7).fit(*task(60))
    copy = clone(classifier)
    assert copy.get_params() == classifier.get_params()
    with pytest.raises(NotFittedError):
        check_is_fitted(copy)
    assert copy.set_params(network="nbsvm", settings=None).network == "nbsvm"


def pickled(estimator):
    buffer = io.BytesIO()
    joblib.dump(estimator, buffer)
    buffer.seek(0)
    return joblib.load(buffer)


@pytest.mark.parametrize("network", ["textcnn", "nbsvm"])
def test_pickles(network):
    texts, labels = task(100)
    assert pickled(small(network)).network == network
    classifier = small(network).fit(texts, labels)
    again = pickled(classifier)
    assert np.array_equal(again.predict_proba(texts), classifier.predict_proba(texts))
    assert again.model_.history == classifier.model_.history
    assert np.array_equal(pickled(again).predict(texts), classifier.predict(texts))
    content = classifier.__getstate__()["model_"]
    assert set(content) == {"README.md", "model.json", "model.safetensors", "vocab.safetensors"}


def test_the_same_seed_gives_the_same_model():
    texts, labels = task(100)
    one, same, other = (small(seed=seed).fit(texts, labels) for seed in (1, 1, 2))
    assert np.array_equal(one.predict_proba(texts), same.predict_proba(texts))
    assert not np.array_equal(one.predict_proba(texts), other.predict_proba(texts))


def test_cross_validation():
    texts, labels = task(150)
    scores = cross_val_score(small("nbsvm"), texts, labels, cv=3)
    assert scores.min() > 0.9
    assert cross_val_score(small(), np.array(texts, object), labels, cv=2).min() > 0.6


def test_grid_search():
    texts, labels = task(150)
    search = GridSearchCV(small(), {"lr": [1e-6, 0.02]}, cv=2).fit(texts, labels)
    assert search.best_params_["lr"] == 0.02
    assert search.score(*task(100, 2)) > 0.9


def test_a_pipeline():
    texts, labels = task(100)
    swapped = [text.replace("good", "bad") for text in texts]
    same = FunctionTransformer(lambda texts: [text.replace("good", "bad") for text in texts])
    pipeline = Pipeline([("swap", same), ("classify", small("nbsvm"))])
    pipeline.set_params(classify__seed=3).fit(texts, labels)
    assert np.array_equal(
        pipeline.predict_proba(texts),
        small("nbsvm", seed=3).fit(swapped, labels).predict_proba(swapped),
    )


def test_scikit_learn_is_imported_when_it_is_needed():
    code = (
        "import sys, textdl, textdl.classifiers; assert 'sklearn' not in sys.modules;"
        "textdl.SentimentClassifier; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


class OfNumbers(SentimentClassifier):
    """Takes the numbers that scikit-learn's checks have: each makes a word of its column and its
    whole part."""

    def fit(self, X, y):  # noqa: N803 - scikit-learn's name
        return super().fit(self._texts(X, reset=True), y)

    def predict_proba(self, X):  # noqa: N803
        check_is_fitted(self)
        return super().predict_proba(self._texts(X, reset=False))

    def _texts(self, numbers, *, reset):
        rows = np.floor(validate_data(self, numbers, reset=reset)).astype(int).tolist()
        return [" ".join(f"c{i}n{n}".replace("-", "m") for i, n in enumerate(row)) for row in rows]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = tags.input_tags.string = False
        tags.input_tags.two_d_array = True
        return tags


@parametrize_with_checks([OfNumbers(**SMALL["textcnn"]), OfNumbers("nbsvm", **SMALL["nbsvm"])])
@pytest.mark.filterwarnings("ignore")
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def test_scikit_learns_checks_of_what_takes_strings():
    with catch_warnings():
        simplefilter("ignore", SkipTestWarning)
        for estimator, check in estimator_checks_generator(SentimentClassifier()):
            check(estimator)
