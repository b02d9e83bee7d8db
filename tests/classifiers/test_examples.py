import dataclasses

import numpy as np
import pytest
from classifiers.toy_corpora import make_corpus
from training.toy_networks import Notes

from textdl.classifiers.examples import labelled, training_and_validation
from textdl.errors import InputError


def corpus_of(counts, label_names=("a", "b", "c"), **more):
    texts = [("text", label) for label, n in counts.items() for _ in range(n)]
    return make_corpus(list(label_names[: max(2, len(counts))]), train=texts, **more)


def split(corpus, name="train", *, share=0.1, seed=1, progress=None):
    return training_and_validation(
        corpus, name, share=share, seed=seed, progress=progress or Notes()
    )


def test_validation_has_its_share_of_every_label():
    training, validation = split(corpus_of({0: 100, 1: 50, 2: 3}))
    assert np.bincount(validation.labels).tolist() == [10, 5, 1]
    assert np.bincount(training.labels).tolist() == [90, 45, 2]
    both = np.concatenate([training.documents, validation.documents])
    assert sorted(both.tolist()) == list(range(153))


def test_the_seed_decides():
    corpus = corpus_of({0: 100, 1: 50})
    documents = [split(corpus, seed=seed)[1].documents.tolist() for seed in (1, 1, 2)]
    assert documents[0] == documents[1] != documents[2]


def test_never_keeps_all_of_a_label():
    training, _ = split(corpus_of({0: 2, 1: 2}), share=0.99)
    assert np.bincount(training.labels).tolist() == [1, 1]


def test_a_validation_split_is_used():
    notes = Notes()
    corpus = corpus_of({0: 5, 1: 5}, validation=[("x", 1), ("y", 0), ("z", -1)])
    training, validation = split(corpus, progress=notes)
    assert len(training) == 10
    assert validation.documents.tolist() == [10, 11]
    assert notes.notes == ["validating on the split 'validation' (2 documents)"]


def test_a_validation_split_without_labels_is_not():
    corpus = corpus_of({0: 5, 1: 5}, validation=[("x", -1)])
    assert split(corpus)[1].documents.max() < 10


def test_documents_without_a_label_are_left_out():
    corpus = make_corpus(["a", "b"], train=[("x", 1), ("y", -1), ("z", 0)])
    assert labelled(corpus, "train").documents.tolist() == [0, 2]


@pytest.mark.parametrize(
    ("corpus", "message"),
    [
        (corpus_of({-1: 5}), "split 'train' has no labels"),
        (corpus_of({1: 5}), "every document of split 'train' has the label 'b'"),
        (corpus_of({0: 5, 1: 1}), "split 'train' has 1 of the label 'b', .* at least 2"),
        (corpus_of({0: 5, 3: 5}), r"labels up to 3, but the corpus names only 2 \(a, b\)"),
    ],
)
def test_what_can_not_be_trained_on(corpus, message):
    with pytest.raises(InputError, match=message):
        split(corpus)


def test_a_split_that_does_not_exist():
    with pytest.raises(InputError, match="no split 'dev': the corpus has train"):
        split(corpus_of({0: 5, 1: 5}), "dev")


def rows_of(*counts, unlabelled=0):
    """Rows of 0 and 1: as many of each set of labels as ``counts`` says."""
    rows = [[int(i in labels) for i in range(3)] for labels, n in counts for _ in range(n)]
    return np.array(rows + [[-1] * 3] * unlabelled, np.int32)


def corpus_of_rows(rows):
    corpus = make_corpus(["a", "b", "c"], train=[("text", 0)] * len(rows))
    return dataclasses.replace(corpus, labels=rows)


def split_rows(rows, **more):
    return training_and_validation(
        corpus_of_rows(rows), "train", progress=Notes(), several=True, **more
    )


def test_several_labels():
    rows = rows_of(({0}, 2), ({1, 2}, 3), (set(), 1), unlabelled=2)
    examples = labelled(corpus_of_rows(rows), "train", several=True)
    assert examples.several
    assert examples.documents.tolist() == list(range(6))
    assert np.array_equal(examples.labels, rows[:6])


def test_validation_has_its_share_of_each_of_several_labels():
    random = np.random.default_rng(1)
    rows = (random.random((1000, 3)) < [0.02, 0.3, 0.7]).astype(np.int32)
    training, validation = split_rows(rows, share=0.1, seed=1)
    both = np.concatenate([training.documents, validation.documents])
    assert sorted(both.tolist()) == list(range(1000))
    assert np.abs(validation.labels.sum(0) - 0.1 * rows.sum(0)).max() <= 1
    assert abs(len(validation) - 100) <= 3
    again, other = (split_rows(rows, share=0.1, seed=seed)[1] for seed in (1, 2))
    assert np.array_equal(again.documents, validation.documents)
    assert not np.array_equal(other.documents, validation.documents)


def test_both_parts_have_each_of_several_labels():
    for share in (0.01, 0.99):
        parts = split_rows(rows_of(({0}, 2), ({1}, 2), ({0, 2}, 4)), share=share, seed=1)
        assert all((part.labels.sum(0) > 0).all() for part in parts)


def test_several_labels_have_to_be_asked_for():
    with pytest.raises(InputError, match="may have several labels, and this classifier gives one"):
        split(corpus_of_rows(rows_of(({0}, 3), ({1, 2}, 3))))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (rows_of(unlabelled=3), "has no labels"),
        (rows_of(({0}, 3), ({1}, 3), ({2}, 1)), "has 1 of the label 'c', .* at least 2"),
        (2 * rows_of(({0}, 3)), "labels up to 2 in 3 columns, and the corpus names 3"),
        (rows_of(({0}, 3))[:, :2], r"in 2 columns, and the corpus names 3 \(a, b, c\)"),
    ],
)
def test_several_labels_that_can_not_be_trained_on(rows, message):
    with pytest.raises(InputError, match=message):
        split_rows(rows, share=0.1, seed=1)
