import numpy as np
import pytest
import torch
from training.toy_networks import make_batches

from textdl.training import batches as batches_module


def documents(n=500, seed=0):
    random = np.random.default_rng(seed)
    return [random.integers(1, 100, random.integers(0, 60)).tolist() for _ in range(n)]


def rebuilt(batches, n):
    found = [None] * n
    for batch in batches:
        for ids, length, row in zip(batch.ids, batch.lengths, batch.rows, strict=True):
            assert found[row] is None
            assert not ids[length:].any()
            found[row] = ids[:length].tolist()
    return found


@pytest.mark.parametrize("batch_size", [1, 7, 64, 1000])
def test_every_document_once(batch_size):
    texts = documents()
    batches = make_batches(texts, batch_size=batch_size)
    assert rebuilt(batches.in_order(), len(texts)) == texts
    assert rebuilt(batches.shuffled(1, 0), len(texts)) == texts


def test_labels_belong_to_their_documents():
    texts = documents()
    batches = make_batches(texts, [sum(text) % 3 for text in texts], batch_size=16)
    for batch in batches.shuffled(3, 1):
        assert batch.labels.tolist() == (batch.ids.sum(1) % 3).tolist()


def test_seed_and_epoch_decide_the_order():
    batches = make_batches(documents(), batch_size=16)

    def order(seed, epoch):
        return torch.cat([batch.rows for batch in batches.shuffled(seed, epoch)]).tolist()

    assert order(1, 0) == order(1, 0)
    assert order(1, 0) != order(1, 1)
    assert order(1, 0) != order(2, 0)


def test_little_padding():
    batches = list(make_batches(documents(5000), batch_size=32).shuffled(1, 0))
    places = sum(batch.ids.numel() for batch in batches)
    assert sum(int(batch.lengths.sum()) for batch in batches) > 0.93 * places
    lengths = [int(batch.lengths[0]) for batch in batches]
    assert np.corrcoef(lengths[:-1], lengths[1:])[0, 1] < 0.3  # no sweep from short to long


def test_only_some_documents_in_their_order_and_truncated():
    texts = documents(50)
    batches = make_batches(texts, batch_size=8, max_length=5)
    chosen = np.array([7, 3, 40])
    some = batches_module.Batches(
        batches.tokens, batches.offsets, chosen, batch_size=2, max_length=5
    )
    assert len(some) == 3
    assert rebuilt(some.in_order(), 3) == [texts[i][:5] for i in chosen]


def test_a_batch_of_long_documents_holds_fewer(monkeypatch):
    monkeypatch.setattr(batches_module, "MOST_TOKENS", 100)
    texts = [[1] * 150, *([1] * n for n in range(60))]
    batches = make_batches(texts, batch_size=64)
    assert rebuilt(batches.in_order(), len(texts)) == texts
    assert all(b.ids.numel() <= 100 or len(b.ids) == 1 for b in batches.in_order())


def test_no_documents_and_only_empty_ones():
    assert list(make_batches([]).in_order()) == []
    assert list(make_batches([]).shuffled(1, 0)) == []
    (batch,) = make_batches([[], []]).in_order()
    assert batch.ids.shape == (2, 0)
    assert batch.lengths.tolist() == [0, 0]
