import dataclasses

import numpy as np
import pytest
from classifiers.toy_corpora import make_corpus, review_corpus
from report.toy_run import write_run

from textdl.classifiers import evaluate, fit_nbsvm
from textdl.report import judged
from textdl.report.judged import Judges
from textdl.report.results import Results


def judges(folder, corpus, model):
    evaluation = evaluate(corpus, model)
    record = write_run(folder, {
        "tokens": (corpus, {}),
        "model": (model, {"corpus": "tokens"}),
        "evaluation": (evaluation, {"corpus": "tokens", "model": "model"}),
    })  # fmt: skip
    return Judges(Results(record, lambda digest: folder / digest))


@pytest.fixture
def ordered():
    """Reviews that a bag of words can't tell apart."""
    return review_corpus(ordered=True)


def test_the_surest_mistakes_come_first(ordered, tmp_path):
    its = judges(tmp_path, ordered, fit_nbsvm(ordered, longest=1, min_count=1))
    (part,) = its.mistakes().parts
    sure = [text.probability for text in part.texts]
    assert len(sure) == judged.SHOWN
    assert sure == sorted(sure, reverse=True)
    assert all(text.said != text.true for text in part.texts)
    for text in part.texts:
        assert {"good", "bad"} <= {word for word, _ in text.words}
        assert max(abs(weight) for _, weight in text.words) == pytest.approx(1)


def test_a_sample_is_judged_of_many(ordered, tmp_path, monkeypatch):
    monkeypatch.setattr(judged, "DOCUMENTS", 50)
    model = fit_nbsvm(ordered, min_count=1)
    its = judges(tmp_path, ordered, model).judged("evaluation")
    assert its.probabilities.shape == (50, 2)
    assert len(set(its.examples.documents.tolist())) == 50
    rows = its.examples.documents - ordered.splits["test"].start
    np.testing.assert_allclose(
        its.probabilities, model.predict_corpus(ordered, "test")[rows], atol=1e-6
    )


def test_who_makes_no_mistake_has_none_shown(tmp_path):
    corpus = review_corpus()
    its = judges(tmp_path, corpus, fit_nbsvm(corpus, min_count=1))
    assert its.mistakes() is None
    assert len(its.reliability().parts) == 1


def test_of_several_labels_the_wrong_decision_is_explained(tmp_path):
    texts = ["glad old", "glad new", "sad old", "sad new", "glad sad old", "dull new"] * 10
    corpus = make_corpus(
        ["joy", "grief"], train=[(t, 0) for t in texts], test=[(t, 0) for t in texts]
    )
    true = np.array([["glad" in t, "sad" in t] for t in texts] * 2, np.int32)
    model = fit_nbsvm(dataclasses.replace(corpus, labels=true), longest=1, min_count=1)
    wrong = true.copy()
    wrong[len(texts) :, 1] = 1 - true[: len(texts), 1]
    its = judges(tmp_path, dataclasses.replace(corpus, labels=wrong), model)
    (part,) = its.mistakes().parts
    for text in part.texts:
        assert ("grief" in text.said) != ("grief" in text.true)
        assert dict(text.words).get("sad", 1) == pytest.approx(1)
    (figure,) = its.reliability().parts
    assert "over 120 decisions" in figure.caption
