import time

import numpy as np
import pytest
from classifiers.toy_corpora import review_corpus

from textdl.classifiers import evaluate, fit_bag_of_words
from textdl.classifiers.timing import Timed


class Slow:
    several = False

    def predict_corpus(self, corpus, split):
        time.sleep(0.05)
        return np.zeros((len(corpus.splits[split]), 2), np.float32)


def test_documents_and_seconds_add_up():
    corpus = review_corpus()
    timed = Timed(Slow())
    assert timed.predict_corpus(corpus, "test").shape == (300, 2)
    timed.predict_corpus(corpus, "train")
    assert timed.documents == 500
    assert timed.seconds >= 0.1
    assert timed.documents_per_second == pytest.approx(500 / timed.seconds)


def test_it_is_what_it_was_made_of():
    corpus = review_corpus()
    model = fit_bag_of_words(corpus)
    timed = Timed(model)
    assert evaluate(corpus, timed) == evaluate(corpus, model)
    assert timed.label_names is model.label_names
