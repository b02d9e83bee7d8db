import numpy as np
import pytest
from classifiers.toy_corpora import review_corpus

from textdl.report.occlusion import weights


class Counting:
    """Says the second label with a probability that words change."""

    several = False

    def __init__(self, corpus, **words):
        self.changes = {int(corpus.vocab.encode([word])[0]): by for word, by in words.items()}

    def predict_corpus(self, corpus, split):
        sure = [
            0.5 + sum(self.changes.get(i, 0) for i in corpus.document(row).tolist())
            for row in corpus.splits[split]
        ]
        return np.stack([1 - np.array(sure), sure], 1).astype(np.float32)


def test_words_count_by_what_falls_without_them():
    corpus = review_corpus()
    tokens = corpus.vocab.encode(["w1", "good", "w2", "bad"])
    model = Counting(corpus, good=0.4, bad=-0.1)
    assert weights(model, corpus, tokens, 1) == pytest.approx([0, 1, 0, -0.25], abs=1e-5)
    assert weights(model, corpus, tokens, 0) == pytest.approx([0, -1, 0, 0.25], abs=1e-5)


def test_a_model_that_reads_nothing_has_no_words():
    corpus = review_corpus()
    found = weights(Counting(corpus), corpus, corpus.vocab.encode(["good"]), 1)
    assert found == pytest.approx([0])
