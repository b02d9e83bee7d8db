import dataclasses

import numpy as np
import pytest
from classifiers.toy_corpora import make_corpus
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from textdl.classifiers import Evaluation, evaluate
from textdl.classifiers.scores import decide, majority, mistakes, score_labels
from textdl.errors import InputError

NAMES = ["a", "b", "c", "d"]


class Fixed:
    """Says the same of every corpus."""

    def __init__(self, probabilities, several=False, label_names=("a", "b")):
        self.probabilities, self.several = np.array(probabilities, np.float32), several
        self.label_names = list(label_names)

    def predict_corpus(self, corpus, split):
        return self.probabilities


def check_columns(scores, true, predicted):
    columns = precision_recall_fscore_support(true, predicted, labels=range(4), zero_division=0)
    for i, name in enumerate(NAMES):
        row = scores.per_class[name]
        assert list(row) == ["precision", "recall", "f1", "documents"]
        assert list(row.values()) == pytest.approx([column[i] for column in columns])
    assert scores.macro_f1 == pytest.approx(columns[2].mean())
    assert scores.accuracy == pytest.approx(accuracy_score(true, predicted))


def test_scores_are_those_of_scikit_learn():
    random = np.random.default_rng(1)
    true, predicted = random.integers(0, 3, (2, 200))  # Nothing is, nor is said to be, the last.
    scores = score_labels(true, predicted, NAMES)
    check_columns(scores, true, predicted)
    assert scores.confusion == confusion_matrix(true, predicted, labels=range(4)).tolist()


def test_scores_of_several_labels_are_those_of_scikit_learn():
    random = np.random.default_rng(1)
    true, predicted = (random.random((2, 200, 4)) < [0.5, 0.2, 0.8, 0]).astype(np.int32)
    scores = score_labels(true, predicted, NAMES)
    check_columns(scores, true, predicted)
    assert scores.confusion == []


def test_one_of_several_labels():
    scores = score_labels(np.array([[0], [1], [1]]), np.array([[1], [1], [0]]), ["spam"])
    assert scores.per_class["spam"] == {
        "precision": 0.5, "recall": 0.5, "f1": 0.5, "documents": 2
    }  # fmt: skip
    assert scores.accuracy == pytest.approx(1 / 3)


def test_what_probabilities_mean():
    probabilities = np.array([[0.5, 0.4], [0.2, 0.9], [0.1, 0.3]])
    assert decide(probabilities, several=False).tolist() == [0, 1, 1]
    assert decide(probabilities, several=True).tolist() == [[1, 0], [0, 1], [0, 0]]


def test_the_majority():
    assert majority(np.array([0, 1, 1, 2])) == 0.5
    assert majority(np.array([[0, 1], [1, 1], [1, 1], [1, 0], [0, 0]])) == 0.4


def test_mistakes_come_most_confident_first():
    probabilities = np.array([[0.6, 0.4], [0.9, 0.1], [0.2, 0.8], [0.3, 0.7]])
    rows, confidence = mistakes(np.array([1, 1, 1, 0]), probabilities)
    assert rows.tolist() == [1, 3, 0]
    assert confidence.tolist() == [0.9, 0.7, 0.6]


def test_a_mistake_of_several_labels_is_its_worst_decision():
    probabilities = np.array([[0.6, 0.05], [0.9, 0.9], [0.2, 0.8]])
    rows, confidence = mistakes(np.array([[0, 1], [0, 1], [0, 1]]), probabilities)
    assert rows.tolist() == [0, 1]
    assert confidence.tolist() == pytest.approx([0.95, 0.9])


def test_no_mistakes():
    rows, confidence = mistakes(np.array([0, 1]), np.array([[1.0, 0.0], [0.0, 1.0]]))
    assert len(rows) == len(confidence) == 0


def test_documents_without_a_label_do_not_count(tmp_path):
    corpus = make_corpus(["a", "b"], train=[("x", 0)], test=[("x", 0), ("y", -1), ("z", 1)])
    model = Fixed([[0.9, 0.1], [0.9, 0.1], [0.8, 0.2]])
    baseline = Fixed([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8]])
    found = evaluate(corpus, model, baseline)
    assert (found.documents, found.majority) == (2, 0.5)
    assert found.model.confusion == [[1, 0], [1, 0]]
    assert found.info == {
        "split": "test", "documents": 2, "accuracy": 0.5, "macro_f1": pytest.approx(1 / 3),
        "baseline_accuracy": 1.0,
    }  # fmt: skip
    found.save(tmp_path)
    assert Evaluation.load(tmp_path) == found


def test_a_corpus_of_several_labels(tmp_path):
    rows = np.array([[1, 0], [-1, -1], [1, 1], [0, 0]], np.int32)
    corpus = make_corpus(["a", "b"], test=[("x", 0)] * 4)
    corpus = dataclasses.replace(corpus, labels=rows)
    model = Fixed([[0.9, 0.1], [0.9, 0.1], [0.8, 0.2], [0.4, 0.3]], several=True)
    found = evaluate(corpus, model)
    assert (found.documents, found.majority) == (3, pytest.approx(1 / 3))
    assert found.model.accuracy == pytest.approx(2 / 3)
    assert found.model.macro_f1 == pytest.approx(0.5)
    found.save(tmp_path)
    assert Evaluation.load(tmp_path) == found
    with pytest.raises(InputError, match="has several labels, and the classifier gives one label"):
        evaluate(corpus, Fixed(model.probabilities))


def test_of_several_seeds_there_is_a_mean_and_a_spread():
    corpus = make_corpus(["a", "b"], test=[("x", 0), ("z", 1)])
    found = evaluate(corpus, Fixed([[0.9, 0.1], [0.8, 0.2]]))
    assert found.spread == {}
    scores = {"seed 1": 0.5, "seed 2": 0.7, "seed 3": 0.9}
    seeds = {name: {"accuracy": x, "macro_f1": x / 2} for name, x in scores.items()}
    swept = dataclasses.replace(found, seeds=seeds)
    assert swept.spread["macro_f1"] == (pytest.approx(0.35), pytest.approx(0.1))
    assert swept.info == {
        **found.info,
        "accuracy_mean": pytest.approx(0.7), "accuracy_std": pytest.approx(0.2),
        "macro_f1_mean": pytest.approx(0.35), "macro_f1_std": pytest.approx(0.1),
    }  # fmt: skip


def test_what_can_not_be_evaluated():
    corpus = make_corpus(["a", "b"], train=[("x", 0), ("y", 1)], test=[("z", -1)])
    model = Fixed([[0.9, 0.1]])
    with pytest.raises(InputError, match="no split 'dev' to evaluate on"):
        evaluate(corpus, model, split="dev")
    with pytest.raises(InputError, match="split 'test' has no labels"):
        evaluate(corpus, model)
    with pytest.raises(InputError, match="has one label, and the classifier gives several labels"):
        evaluate(corpus, Fixed([[0.9, 0.1]] * 2, several=True), split="train")
    with pytest.raises(InputError, match="the model's labels are b, a, not those of the corpus"):
        evaluate(corpus, Fixed([[0.9, 0.1]] * 2, label_names=["b", "a"]), split="train")
