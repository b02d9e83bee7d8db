import numpy as np
import pytest
import torch
from classifiers.toy_corpora import make_corpus, make_vectors, review_corpus
from torch.nn import functional

from textdl.classifiers import SentimentModel
from textdl.classifiers.bagofvectors import train_bag_of_vectors
from textdl.classifiers.kernels.bagofvectors import train_epoch
from textdl.classifiers.meanvectors import MeanVectors
from textdl.classifiers.ngrams import document_ngrams, hashed_rows
from textdl.errors import InputError

SETTINGS = {"dim": 8, "buckets": 1000, "dropout": 0.2, "epochs": 20, "lr": 1.0}


@pytest.fixture(scope="module")
def ordered():
    return review_corpus(400, ordered=True)


@pytest.fixture(scope="module")
def model(ordered):
    return train_bag_of_vectors(ordered, **SETTINGS)


def test_a_step_follows_the_gradient(ordered):
    words = len(ordered.vocab)
    network = MeanVectors(words=words, dim=5, classes=2, longest=2, buckets=50)
    torch.manual_seed(1)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter)
    trained = [p.detach().clone().numpy() for p in network.parameters()]
    document = ordered.document(3)
    rows, offsets = document_ngrams(ordered, np.array([3]), 2, hashed_rows(words, 50))
    loss, right = train_epoch(
        *trained, rows.astype(np.int32), offsets, np.array([1], np.int32), np.array([0]),
        0.5, 0.0, 0.0, np.uint64(1),
    )  # fmt: skip
    ids = torch.from_numpy(document.astype(np.int64))[None]
    logits = network(ids, torch.tensor([len(document)]))
    expected = functional.cross_entropy(logits, torch.tensor([1]))
    expected.backward()
    assert loss == pytest.approx(expected.item(), rel=1e-5)
    assert right == (logits.argmax() == 1)
    for parameter, values in zip(network.parameters(), trained, strict=True):
        stepped = parameter.detach() - 0.5 * parameter.grad
        assert np.allclose(values, stepped.numpy(), atol=1e-5)


def test_dropout_leaves_out_its_share():
    table, weights = np.eye(1000, dtype=np.float32), np.zeros((2, 1000), np.float32)
    weights[1] = 1
    rows, labels = np.arange(1000, dtype=np.int32), np.array([1], np.int32)
    train_epoch(
        table, weights, np.zeros(2, np.float32), rows, np.array([0, 1000]), labels, np.array([0]),
        1.0, 1.0, 0.3, np.uint64(5),
    )  # fmt: skip
    left_out = (weights[1] == 1).mean()  # What takes part gets a gradient.
    assert 0.25 < left_out < 0.35


def test_bigrams_see_the_order_of_words(ordered, model):
    labels = ordered.labels[ordered.splits["test"].start :]
    accuracy = (model.predict_corpus(ordered, "test").argmax(1) == labels).mean()
    assert accuracy > 0.9
    words = train_bag_of_vectors(ordered, **SETTINGS, longest=1)
    assert (words.predict_corpus(ordered, "test").argmax(1) == labels).mean() < 0.6


def test_begins_with_vectors():
    corpus = review_corpus()
    vectors = make_vectors(corpus, 8)
    progress = Noted()
    model = train_bag_of_vectors(
        corpus, vectors, longest=1, epochs=1, lr=1e-6, buckets=1, progress=progress
    )
    table = model.network.table.numpy()
    assert np.allclose(table[2:], vectors.matrix, atol=1e-6)  # No n-gram is longer than a word.
    assert len(table) == len(corpus.vocab)
    assert model.info["coverage"] == {"words": 1.0, "tokens": 1.0}
    assert any("100.0% of the vocabulary's words" in note for note in progress.notes)


class Noted:
    def __init__(self):
        self.notes = []

    def update(self, *args, **facts): ...

    def note(self, text):
        self.notes.append(text)


def test_padding_and_company_change_nothing(model):
    ids = torch.tensor([[5, 6, 7, 0, 0], [8, 5, 6, 7, 9], [0, 0, 0, 0, 0]])
    together = model.network(ids, torch.tensor([3, 5, 0]))
    assert torch.allclose(together[:1], model.network(ids[:1, :3], torch.tensor([3])), atol=1e-6)
    assert torch.allclose(together[1:2], model.network(ids[1:2], torch.tensor([5])), atol=1e-6)
    assert torch.equal(together[2], model.network.bias)


def test_saves_the_same_bytes_twice_and_loads(tmp_path, ordered):
    for name in ("one", "two"):
        model = train_bag_of_vectors(ordered, dim=4, buckets=100, epochs=2, dropout=0.2)
        model.save(tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    loaded = SentimentModel.load(tmp_path / "one")
    texts = ["good w1 bad", "bad w2 good\n", ""]
    assert np.array_equal(loaded.predict_proba(texts), model.predict_proba(texts))
    assert len(loaded.history) == 2


def test_the_best_epoch_is_kept(ordered, model):
    best = model.history[model.history.best]
    assert model.info["best_epoch"] == model.history.best + 1
    assert model.info["examples"] == {"training": 360, "validation": 40}
    assert best.validation_accuracy == max(epoch.validation_accuracy for epoch in model.history)


def test_three_classes():
    lines = [(f"{word} w{i % 7}", k) for i in range(60) for k, word in enumerate("abc")]
    corpus = make_corpus(["a", "b", "c"], train=lines)
    model = train_bag_of_vectors(corpus, **SETTINGS)
    assert model.predict(["a w1", "w3 b", "c"]) == ["a", "b", "c"]


def test_a_loss_that_is_not_finite_and_settings_out_of_range(ordered):
    with pytest.raises(InputError, match=r"the loss became (nan|inf) in epoch \d: lower lr"):
        train_bag_of_vectors(ordered, buckets=10, lr=1e30)
    with pytest.raises(InputError, match="dropout: input should be less than 1"):
        train_bag_of_vectors(ordered, dropout=1.0)
