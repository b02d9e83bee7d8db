import dataclasses

import numpy as np
import pytest
from classifiers.toy_corpora import make_corpus, review_corpus, reviews

import textdl
from textdl.classifiers import Ensemble, evaluate, fit_nbsvm, pseudo_label
from textdl.classifiers.examples import training_and_validation
from textdl.errors import InputError
from textdl.progress import Silent
from textdl.text.corpus import Corpus


class Teacher(textdl.SentimentModel):
    """Says what it is told of the documents of a split."""

    def __init__(self, probabilities, *, label_names=("neg", "pos"), several=False):
        self.probabilities, self.several = np.array(probabilities, np.float32), several
        self.label_names = list(label_names)
        self.info = {"settings": {"split": "train", "validation": 0.1, "seed": 1}}

    def predict_corpus(self, corpus, split):
        return self.probabilities[: len(corpus.splits[split])]


UNSURE = [[0.95, 0.05], [0.2, 0.8], [0.05, 0.95], [0.5, 0.5], [0.91, 0.09]]


@pytest.fixture(scope="module")
def corpus():
    return make_corpus(
        ["neg", "pos"],
        test=reviews(20, 2),
        train=[("w1 w2", -1), *reviews(40, 1)],
        unsupervised=[(f"w{i}", -1) for i in range(5)],
    )


def documents(corpus, split):
    return [
        (tuple(corpus.document(i).tolist()), np.array(corpus.labels[i]).tolist())
        for i in corpus.splits[split]
    ]


def test_sure_documents_are_trained_on_and_the_others_stay(corpus):
    found = pseudo_label(corpus, Teacher(UNSURE))
    held_out = training_and_validation(
        corpus, "train", share=0.1, seed=1, progress=Silent(), several=True
    )[1]
    first = corpus.splits["train"].start
    validation = [documents(corpus, "train")[i - first] for i in held_out.documents]
    texts = [text for text, _ in documents(corpus, "unsupervised")]
    assert documents(found, "validation") == validation
    assert documents(found, "train") == [
        *(its for its in documents(corpus, "train") if its not in validation),
        (texts[0], 0),
        (texts[2], 1),
        (texts[4], 0),
    ]
    assert documents(found, "unsupervised") == [(texts[1], -1), (texts[3], -1)]
    assert documents(found, "test") == documents(corpus, "test")
    assert found.info["pseudo_labels"]["documents"] == 3
    assert len(found) == len(corpus)
    assert corpus.labels.min() == -1
    assert len(corpus.splits["unsupervised"]) == 5


@pytest.mark.parametrize(("confidence", "taken"), [(0.5, 5), (0.8, 4), (0.9, 3), (0.95, 2)])
def test_confidence_is_the_least_probability(corpus, confidence, taken):
    found = pseudo_label(corpus, Teacher(UNSURE), confidence=confidence)
    assert len(found.splits["unsupervised"]) == 5 - taken


def test_documents_of_the_training_split_that_have_no_label(corpus):
    found = pseudo_label(corpus, Teacher([[0.01, 0.99]] * 41), unlabelled="train")
    assert len(found.splits["train"]) + len(found.splits["validation"]) == 41
    assert documents(found, "train")[-1] == (documents(corpus, "train")[0][0], 1)
    assert -1 not in [label for _, label in documents(found, "train")]


def test_a_split_that_was_used_up(corpus):
    every = Teacher([[0.99, 0.01]] * 60)
    taught = pseudo_label(corpus, every)
    assert len(taught.splits["unsupervised"]) == 0
    with pytest.raises(InputError, match="split 'unsupervised' has no document without a label"):
        pseudo_label(taught, every)
    again = pseudo_label(taught, every, unlabelled="train")
    assert len(again) == len(corpus)
    assert -1 not in again.labels


def test_a_validation_split_of_its_own(corpus):
    own = make_corpus(
        ["neg", "pos"],
        train=reviews(40, 1),
        validation=reviews(10, 5),
        unsupervised=[(f"w{i}", -1) for i in range(5)],
    )
    teacher = Teacher(UNSURE)
    teacher.info = {}
    found = pseudo_label(own, teacher)
    assert len(found.splits["train"]) == 43
    assert documents(found, "validation") == documents(own, "validation")


def test_several_labels(corpus):
    rows = np.stack([corpus.labels, np.where(corpus.labels < 0, -1, 1 - corpus.labels)], 1)
    several = dataclasses.replace(corpus, labels=rows.astype(np.int32))
    sure = [[0.99, 0.98], [0.02, 0.01], [0.99, 0.5], [0.03, 0.97], [0.6, 0.99]]
    found = pseudo_label(several, Teacher(sure, several=True))
    assert [label for _, label in documents(found, "train")][-3:] == [[1, 1], [0, 0], [0, 1]]
    assert len(found.splits["unsupervised"]) == 2


def test_what_only_unlabelled_documents_tell_is_learned(tmp_path):
    """Words of praise that stand in no labelled document stand beside known ones elsewhere."""

    def told(n, seed, *words):
        return [(f"{text} {words[label]}", label) for text, label in reviews(n, seed)]

    def without(texts):
        return [(text.replace("good", "").replace("bad", ""), label) for text, label in texts]

    corpus = make_corpus(
        ["neg", "pos"],
        train=reviews(60, 1),
        test=without(told(200, 2, "poor", "fine")),
        unsupervised=[(text, -1) for text, _ in told(200, 3, "poor", "fine")],
    )
    teacher = fit_nbsvm(corpus, longest=1, validation=0.1)
    taught = pseudo_label(corpus, teacher, confidence=0.6)
    student = fit_nbsvm(taught, longest=1, validation=0.1)
    assert evaluate(corpus, teacher).model.accuracy < 0.65
    assert evaluate(corpus, student).model.accuracy > 0.9
    taught.save(tmp_path / "taught")
    assert documents(Corpus.load(tmp_path / "taught"), "train") == documents(taught, "train")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"unlabelled": "dev"}, "no split 'dev'"),
        ({"unlabelled": "test"}, "split 'test' has no document without a label"),
        ({"unlabelled": "validation"}, "split 'validation' is not trained on"),
        ({"split": "validation"}, "split 'validation' is not trained on"),
        ({"split": "unsupervised"}, "split 'unsupervised' has no labels"),
        ({"confidence": 0.99}, r"\(the surest: 0.950\): lower the setting 'confidence'"),
        ({"confidence": 1.5}, "pseudo_label: confidence"),
        ({"seed": 2}, "the model was trained with seed 1 instead of seed 2"),
    ],
)
def test_what_can_not_be(corpus, settings, message):
    with pytest.raises(InputError, match=message):
        pseudo_label(corpus, Teacher(UNSURE), **settings)


def test_models_that_can_not_teach(corpus):
    with pytest.raises(InputError, match="the model's labels are bad, good, not those"):
        pseudo_label(corpus, Teacher(UNSURE, label_names=["bad", "good"]))
    with pytest.raises(InputError, match="don't agree on whether a document can have several"):
        pseudo_label(corpus, Teacher(UNSURE, several=True))
    other = Teacher(UNSURE)
    other.info = {"settings": {"split": "train", "validation": 0.2, "seed": 1}}
    with pytest.raises(
        InputError, match=r"other was trained with validation 0\.2 instead of validation 0\.1"
    ):
        pseudo_label(corpus, Ensemble({"one": Teacher(UNSURE), "other": other}))
    with pytest.raises(InputError, match="another vocabulary"):
        pseudo_label(corpus, fit_nbsvm(review_corpus(), validation=0.1))


PIPELINE = """
[reviews]
dataset = "synthetic"
sample = 300

[tokens]
inputs = { documents = "reviews" }
min_count = 2

[nbsvm]
inputs = { corpus = "tokens" }
validation = 0.1

[pseudo_labels]
inputs = { corpus = "tokens", model = "nbsvm" }
confidence = 0.6

[student]
uses = "nbsvm"
inputs = { corpus = "pseudo_labels" }
validation = 0.1

[vote]
uses = "ensemble"
inputs = { corpus = "tokens", models = ["nbsvm", "student"] }
"""


def test_as_a_stage(tmp_path):
    pipeline = tmp_path / "job.toml"
    pipeline.write_text(PIPELINE)
    run = textdl.run(pipeline, home=tmp_path / "home", runs=tmp_path / "runs")
    its = pseudo_label(run.tokens, run.nbsvm, confidence=0.6)
    assert np.array_equal(run.pseudo_labels.tokens, its.tokens)
    assert np.array_equal(run.pseudo_labels.labels, its.labels)
    more = run.student.info["examples"]["training"] - run.nbsvm.info["examples"]["training"]
    assert more == its.info["pseudo_labels"]["documents"] > 0
    assert list(run.vote.models) == ["nbsvm", "student"]
