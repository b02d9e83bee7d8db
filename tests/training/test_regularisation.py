import pytest
import torch
from torch import nn
from training.toy_networks import make_network, make_task

from textdl.errors import InputError
from textdl.training.averaging import ema_share, move, using
from textdl.training.clipping import clip
from textdl.training.constraints import limit_norm, weights_of
from textdl.training.loop import fit
from textdl.training.optimizers import make_optimizers
from textdl.training.penalties import add_penalties
from textdl.training.recipe import Recipe


def trained(**settings):
    network = make_network()
    recipe = Recipe(**{"lr": 0.02, "epochs": 4, "patience": 4, **settings})
    fit(network, make_task(200, 1, batch_size=16), make_task(60, 2), recipe=recipe, device="cpu")
    return network


def test_max_norm_bounds_the_norm():
    weight = torch.tensor([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]])
    limit_norm(weight, 2.0)
    torch.testing.assert_close(weight, torch.tensor([[1.2, 1.6], [0.3, 0.4], [0.0, 0.0]]))
    assert trained(lr=0.1).output.weight.norm(dim=1).max() > 0.5
    assert trained(lr=0.1, max_norm=0.5).output.weight.norm(dim=1).max() <= 0.5 + 1e-6


def test_max_norm_of_unknown_layers():
    with pytest.raises(InputError, match=r"no module 'out' to limit: it has embedding, frozen"):
        trained(max_norm=3, max_norm_layers=("out",))
    network = make_network()
    assert weights_of(network, ["output"]) == [network.output.weight]
    assert weights_of(network, ["frozen"]) == []


def test_max_norm_moves_nothing_frozen():
    weight = nn.Parameter(torch.tensor([[3.0, 4.0]]), requires_grad=False)
    limit_norm(weight, 2.0)
    assert weight.tolist() == [[3.0, 4.0]]
    before = make_network().embedding.weight[1:]
    bounded = {"max_norm": 0.1, "max_norm_layers": ("embedding", "frozen", "output"), "epochs": 1}
    network = trained(**bounded, unfreeze="gradual")  # Frozen for this epoch.
    assert torch.equal(network.embedding.weight[1:], before)
    assert torch.equal(network.frozen.weight, make_network().frozen.weight)
    assert network.output.weight.norm(dim=1).max() < 0.1 + 1e-6
    whole = trained(**bounded)
    assert whole.embedding.weight.norm(dim=1).max() < 0.1 + 1e-6
    assert torch.equal(whole.frozen.weight, make_network().frozen.weight)


def test_penalties_are_gradients():
    network = nn.Linear(4, 3)
    optimizers = make_optimizers(network, Recipe(l1=0.3, l2=0.7))
    torch.autograd.backward(network(torch.ones(1, 4)).sum())
    add_penalties(optimizers)
    got = network.weight.grad.clone(), network.bias.grad.clone()
    network.zero_grad()
    penalty = 0.3 * network.weight.abs().sum() + 0.35 * network.weight.square().sum()
    torch.autograd.backward(network(torch.ones(1, 4)).sum() + penalty)
    torch.testing.assert_close(got, (network.weight.grad, network.bias.grad))


@pytest.mark.parametrize("setting", ["l1", "l2", "weight_decay"])
def test_penalties_make_weights_smaller(setting):
    assert trained(**{setting: 0.3}).output.weight.norm() < trained().output.weight.norm()


def gradients():
    network = make_network()
    batch = next(make_task(64, 1).in_order())
    loss = nn.functional.cross_entropy(network(batch.ids, batch.lengths), batch.labels)
    torch.autograd.backward(loss * 100)
    return network


def total(network):
    entries = [p.grad.to_dense().flatten() for p in network.parameters() if p.grad is not None]
    return torch.cat(entries)


def test_clipping_the_norm_keeps_the_direction():
    network = gradients()
    before = total(network)
    clip(network.parameters(), norm=0.5)
    torch.testing.assert_close(total(network), before * (0.5 / before.norm()))
    clip(network.parameters(), norm=9.0)
    assert total(network).norm().item() == pytest.approx(0.5)


def test_clipping_values():
    network = gradients()
    before = total(network)
    clip(network.parameters(), value=0.1)
    torch.testing.assert_close(total(network), before.clamp(-0.1, 0.1))
    clip(make_network().parameters(), norm=1.0, value=1.0)


def test_clipping_in_training():
    start = make_network().output.weight
    settings = {"optimizer": "sgd", "lr": 1.0, "epochs": 1}
    gone = (trained(**settings, clip_norm=1e-3).output.weight - start).norm()
    assert 0 < gone <= 13 * 1e-3
    assert (trained(**settings).output.weight - start).norm() > 13 * 1e-3


def test_ema_equals_the_formula():
    weights = [{"w": torch.randn(3, generator=torch.Generator().manual_seed(i))} for i in range(9)]
    average = {"w": weights[0]["w"].clone()}
    expected = weights[0]["w"].clone()
    for i, value in enumerate(weights[1:]):
        move(average, value, ema_share(0.5, i))
        decay = min(0.5, (1 + i) / (10 + i))
        expected = decay * expected + (1 - decay) * value["w"]
    torch.testing.assert_close(average["w"], expected)


def test_ema_in_training():
    # With nothing kept, the average is the weights.
    same, other = trained(averaging="ema", ema_decay=0.0), trained(averaging="ema", ema_decay=0.9)
    torch.testing.assert_close(same.output.weight, trained().output.weight)
    assert not torch.equal(other.output.weight, same.output.weight)


def test_swa_is_the_mean_of_the_last_epochs():
    # Whatever is best, the last epoch is kept: the loss falls all the time.
    ends = [trained(epochs=n, monitor="loss", lr=0.003) for n in (3, 4)]
    swa = trained(epochs=4, monitor="loss", lr=0.003, averaging="swa", swa_start=0.5)
    for name, value in swa.state_dict().items():
        mean = (ends[0].state_dict()[name] + ends[1].state_dict()[name]) / 2
        torch.testing.assert_close(value, mean)


def test_averages_copy_counts_and_give_the_weights_back():
    network = nn.BatchNorm1d(2)
    own = {name: value.clone() for name, value in network.state_dict().items()}
    other = {name: value + 3 for name, value in own.items()}
    average = {name: value.clone() for name, value in own.items()}
    move(average, other, 0.5)
    assert average["num_batches_tracked"] == 3
    assert average["weight"].tolist() == [2.5, 2.5]
    with using(network, average):
        assert network.weight.tolist() == [2.5, 2.5]
    assert network.weight.tolist() == [1.0, 1.0]
    assert network.num_batches_tracked == 0
