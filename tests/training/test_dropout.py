import pytest
import torch
from torch import nn
from training.toy_networks import make_network, make_task

from textdl.training.dropout import (
    DropConnect,
    LockedDropout,
    WordDropout,
    disturbed_embeddings,
)
from textdl.training.loop import fit
from textdl.training.noise import GaussianNoise, noisy_weights
from textdl.training.randomness import seeded
from textdl.training.recipe import Recipe


@pytest.fixture(autouse=True)
def stream():
    with seeded(7):
        yield


class Sum(nn.Module):
    """What a network with two channels reads."""

    def __init__(self, *tables):
        super().__init__()
        self.tables = nn.ModuleList(tables)
        for table in tables:
            nn.init.ones_(table.weight)

    def forward(self, ids):
        return sum(table(ids) for table in self.tables)


def test_words_become_unknown_and_padding_stays():
    ids = torch.cat([torch.randint(2, 50, (100, 90)), torch.zeros(100, 10, dtype=torch.int64)], 1)
    dropped = WordDropout(0.3)(ids)
    assert not dropped[:, 90:].any()
    share = (dropped[:, :90] == 1).float().mean().item()
    assert share == pytest.approx(0.3, abs=0.02)
    assert torch.equal(dropped[dropped > 1], ids[dropped > 1])
    assert torch.equal(WordDropout(0.3).eval()(ids), ids)


def test_embedding_dropout_drops_a_word_everywhere():
    ids = torch.randint(0, 200, (64, 50))
    network = Sum(nn.Embedding(200, 4), nn.Embedding(200, 4))
    with disturbed_embeddings(network, dropout=0.5, noise=0):
        vectors = network(ids)
    by_word = [vectors[ids == word].unique().tolist() for word in ids.unique().tolist()]
    assert all(values in ([0.0], [4.0]) for values in by_word)
    assert 60 < by_word.count([0.0]) < 140


def test_locked_dropout_is_constant_over_time():
    dropped = LockedDropout(0.5)(torch.ones(8, 30, 40))
    assert torch.equal(dropped, dropped[:, :1].expand_as(dropped))
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert not torch.equal(dropped[0], dropped[1])
    assert dropped.mean().item() == pytest.approx(1, abs=0.2)


def test_drop_connect_drops_weights():
    layer = nn.Linear(200, 10, bias=False)
    nn.init.ones_(layer.weight)
    dropping = DropConnect(layer, 0.5)
    outputs = dropping(torch.eye(200))
    assert set(outputs.unique().tolist()) == {0.0, 2.0}
    assert torch.equal(layer.weight, torch.ones(10, 200))
    torch.autograd.backward(outputs.sum())
    assert torch.equal(layer.weight.grad, outputs.T)
    assert torch.equal(dropping.eval()(torch.eye(200)), torch.ones(200, 10))


def test_drop_connect_in_a_recurrent_layer():
    lstm = nn.LSTM(3, 5, batch_first=True)
    dropping = DropConnect(lstm, 0.5, ["weight_hh_l0"])
    sequence = torch.randn(2, 6, 3)
    plain, one, two = lstm(sequence)[0], dropping(sequence)[0], dropping(sequence)[0]
    assert torch.equal(one[:, 0], plain[:, 0])  # Its first state is 0.
    assert not torch.equal(one[:, 1:], plain[:, 1:])
    assert not torch.equal(one, two)
    assert torch.equal(dropping.eval()(sequence)[0], plain)
    torch.autograd.backward(one.sum())
    assert (lstm.weight_hh_l0.grad == 0).float().mean() > 0.2


@pytest.mark.parametrize("kind", [WordDropout, LockedDropout])
def test_shares_out_of_range(kind):
    with pytest.raises(ValueError, match=r"below 1, not 1\.0"):
        kind(1.0)
    with pytest.raises(ValueError, match="no parameter 'weights': there are weight, bias"):
        DropConnect(nn.Linear(1, 1), 0.5, ["weights"])


def test_gaussian_noise():
    noise, values = GaussianNoise(0.5), torch.zeros(20000)
    assert noise(values).std().item() == pytest.approx(0.5, rel=0.05)
    assert torch.equal(noise.eval()(values), values)


def test_noise_on_weights_is_gone_afterwards():
    layer = nn.Linear(100, 100)
    before = layer.weight.detach().clone()
    with noisy_weights([layer.weight], 0.1):
        assert (layer.weight - before).std().item() == pytest.approx(0.1, rel=0.1)
        torch.autograd.backward(layer(torch.ones(1, 100)).sum())
    assert torch.equal(layer.weight, before)


def test_noise_on_two_tables_is_that_of_one():
    network = Sum(nn.Embedding(500, 40), nn.Embedding(500, 40))
    with disturbed_embeddings(network, dropout=0, noise=0.5):
        assert network(torch.arange(500)).std().item() == pytest.approx(0.5, rel=0.05)


def test_embeddings_are_disturbed_in_training_only():
    network = nn.Sequential(nn.Embedding(500, 4, padding_idx=0))
    ids = torch.arange(500)[None]
    plain = network(ids)
    with disturbed_embeddings(network, dropout=0.5, noise=0.1):
        disturbed = network(ids)
        assert torch.equal(network.eval()(ids), plain)
    assert torch.equal(disturbed[0, 0], torch.zeros(4))
    ratio = disturbed[0, 1:] - 2 * plain[0, 1:]
    assert 0.4 < (ratio.abs().amax(1) < 0.5).float().mean() < 0.6
    assert torch.equal(network.train()(ids), plain)


@pytest.mark.parametrize(
    "setting", ["word_dropout", "embedding_dropout", "input_noise", "weight_noise"]
)
def test_each_changes_the_training(setting):
    weights = []
    for recipe in (Recipe(lr=0.02, epochs=2), Recipe(lr=0.02, epochs=2, **{setting: 0.2})):
        network = make_network()
        fit(network, make_task(100, 1, batch_size=16), make_task(60, 2), recipe=recipe)
        weights.append(network.output.weight)
        assert not network.embedding._forward_hooks
    assert not torch.equal(*weights)
