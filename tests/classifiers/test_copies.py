import dataclasses

import numpy as np
import pytest
from classifiers.toy_corpora import make_corpus, review_corpus, reviews

import textdl
from textdl.classifiers import augment_corpus, evaluate, fit_nbsvm, train_textcnn
from textdl.classifiers.augmentation import synonym_table
from textdl.classifiers.examples import training_and_validation
from textdl.errors import InputError
from textdl.progress import Silent
from textdl.text.corpus import Corpus
from textdl.text.vocab import UNKNOWN

WITHOUT_VECTORS = {"replace": 0.0, "insert": 0.0}


@pytest.fixture(scope="module")
def corpus():
    """Its splits lie in an order of their own, and some training documents have no label."""
    unlabelled = [("w1 w2", -1), ("w3", -1)]
    return make_corpus(
        ["neg", "pos"], test=reviews(30, 2), train=[*unlabelled, *reviews(80, 1)], more=unlabelled
    )


def documents(corpus, split):
    return [
        (tuple(corpus.document(i).tolist()), np.array(corpus.labels[i]).tolist())
        for i in corpus.splits[split]
    ]


def held_out(corpus, **settings):
    parts = training_and_validation(
        corpus, "train", **{"share": 0.1, "seed": 1, **settings}, progress=Silent(), several=True
    )
    return [[documents(corpus, "train")[i] for i in its.documents - corpus.splits["train"].start]
            for its in parts]  # fmt: skip


def test_copies_stand_behind_the_documents(corpus):
    found = augment_corpus(corpus, copies=3, swap=0.3, **WITHOUT_VECTORS)
    training, validation = held_out(corpus)
    train = documents(found, "train")
    originals = [its for its in documents(corpus, "train") if its not in validation]
    assert train[: 2 + len(training)] == originals
    copies = train[2 + len(training) :]
    assert len(copies) == 3 * len(training)
    assert [label for _, label in copies] == 3 * [label for _, label in training]
    changed = [copy != its for copy, its in zip(copies, 3 * training, strict=True)]
    assert np.mean(changed) > 0.4
    for (copy, _), (its, _) in zip(copies, 3 * training, strict=True):
        assert set(copy) <= set(its)
    assert copies[: len(training)] != copies[len(training) : 2 * len(training)]


def test_everything_else_stays(corpus):
    found = augment_corpus(corpus, copies=1, **WITHOUT_VECTORS)
    for split in ("test", "more"):
        assert documents(found, split) == documents(corpus, split)
    assert documents(found, "validation") == held_out(corpus)[1]
    assert found.vocab is corpus.vocab
    assert found.tokenizer is corpus.tokenizer
    assert found.tokens.dtype == np.int32
    assert found.offsets.dtype == np.int64
    assert len(found) == len(corpus) + len(held_out(corpus)[0])
    assert sorted(i for rows in found.splits.values() for i in rows) == [*range(len(found))]


def test_no_copy_of_a_document_is_validated_on(corpus):
    shares = {"swap": 0.0, "delete": 0.0, "dropout": 0.0, **WITHOUT_VECTORS}
    distinct = make_corpus(["neg", "pos"], train=[(f"w{i} w{i + 1}", i % 2) for i in range(60)])
    found = augment_corpus(distinct, copies=2, **shares)
    train, validation = (documents(found, split) for split in ("train", "validation"))
    assert not set(train) & set(validation)
    assert sorted(train) == sorted(3 * held_out(distinct)[0])
    model = train_textcnn(
        found, embedding="random", dim=4, maps=4, epochs=1, batch_size=8, dropout=0.0
    )
    assert model.info["examples"] == {"training": len(train), "validation": len(validation)}


def test_a_split_for_validation_is_kept():
    lines = reviews(40, 1)
    corpus = make_corpus(["neg", "pos"], train=lines, validation=reviews(10, 2))
    found = augment_corpus(corpus, copies=1, **WITHOUT_VECTORS)
    assert documents(found, "train")[:40] == documents(corpus, "train")
    assert len(found.splits["train"]) == 80
    assert documents(found, "validation") == documents(corpus, "validation")


def test_is_a_function_of_the_seed(corpus, tmp_path):
    settings = {"copies": 2, "dropout": 0.1, **WITHOUT_VECTORS}
    one, two, other = (augment_corpus(corpus, seed=seed, **settings) for seed in (1, 1, 2))
    for found, name in ((one, "one"), (two, "two")):
        found.save(tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    assert not np.array_equal(one.tokens, other.tokens)
    loaded = Corpus.load(tmp_path / "one")
    assert np.array_equal(loaded.tokens, one.tokens)
    assert loaded.info["augmentation"]["copies"] == 2
    assert loaded.info["augmentation"]["dropout"] == 0.1
    assert loaded.info["tokens"] == len(loaded.tokens)


@pytest.mark.parametrize("shares", [{"replace": 0.5}, {"insert": 0.5}, {}])
def test_synonyms_need_vectors(corpus, shares):
    with pytest.raises(InputError, match="replace and insert need synonyms: give vectors"):
        augment_corpus(corpus, **shares)


def test_several_labels(corpus):
    rows = np.stack([corpus.labels, np.where(corpus.labels < 0, -1, 1 - corpus.labels)], 1)
    rows[corpus.splits["train"].start + 2 : corpus.splits["train"].start + 5] = 0
    several = dataclasses.replace(corpus, labels=rows.astype(np.int32))
    found = augment_corpus(several, copies=2, **WITHOUT_VECTORS)
    training = held_out(several)[0]
    copies = documents(found, "train")[-2 * len(training) :]
    assert [labels for _, labels in copies] == 2 * [labels for _, labels in training]
    assert found.labels.shape == (len(found), 2)


def test_dropout_is_of_the_copies_only(corpus):
    found = augment_corpus(corpus, copies=1, documents=0.0, dropout=1.0, **WITHOUT_VECTORS)
    size = len(held_out(corpus)[0])
    train = documents(found, "train")
    assert {word for text, _ in train[-size:] for word in text} == {UNKNOWN}
    assert UNKNOWN not in {word for text, _ in train[:-size] for word in text}


def test_copies_are_learned_from():
    corpus = review_corpus(40)
    found = augment_corpus(corpus, copies=4, swap=0.3, **WITHOUT_VECTORS)
    assert fit_nbsvm(found, longest=1).info["examples"]["training"] == 5 * 36
    assert evaluate(found, fit_nbsvm(found, longest=1)).model.accuracy > 0.9


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"copies": 0}, "augment_corpus: copies: input should be greater than or equal to 1"),
        ({"swap": 2.0}, "augment_corpus: swap"),
        ({"split": "dev"}, "no split 'dev'"),
        ({"split": "validation"}, "split 'validation' is not trained on"),
        ({"split": "more"}, "split 'more' has no labels"),
    ],
)
def test_what_can_not_be(corpus, settings, message):
    with pytest.raises(InputError, match=message):
        augment_corpus(corpus, **WITHOUT_VECTORS, **settings)


PIPELINE = """
[reviews]
dataset = "synthetic"
sample = 300
splits = ["train", "test"]

[tokens]
inputs = { documents = "reviews" }
min_count = 2

[skipgram]
inputs = { corpus = "tokens" }
dim = 20
epochs = 3
workers = 1

[augmentation]
inputs = { corpus = "tokens", vectors = "skipgram" }
copies = 2
replace = 0.3
insert = 0.0
swap = 0.0
delete = 0.0

[nbsvm]
inputs = { corpus = "augmentation" }

[evaluation]
inputs = { corpus = "augmentation", model = "nbsvm" }
"""


def test_as_a_stage(tmp_path):
    pipeline = tmp_path / "job.toml"
    pipeline.write_text(PIPELINE)
    run = textdl.run(pipeline, home=tmp_path / "home", runs=tmp_path / "runs")
    found = run.augmentation
    assert len(found.splits["train"]) == 3 * 270
    assert len(found.splits["validation"]) == 30
    settings = {"replace": 0.3, "insert": 0.0, "swap": 0.0, "delete": 0.0}
    its = augment_corpus(run.tokens, run.skipgram, copies=2, **settings)
    assert np.array_equal(found.tokens, its.tokens)
    table = synonym_table(found.vocab, run.skipgram)
    texts = [text for text, _ in documents(found, "train")]
    replaced = 0
    for copy, text in zip(texts[270:], 2 * texts[:270], strict=True):
        for new, old in zip(copy, text, strict=True):
            assert new == old or new in table[old]
            replaced += new != old
    assert replaced > 100
    assert run.evaluation.documents == 300
    assert run.evaluation.model.accuracy > run.evaluation.majority + 0.1
