from typing import get_args

import pytest
import torch
from torch import nn
from training.toy_networks import make_network, make_task

from textdl.training.ftrl import FTRL
from textdl.training.layers import dense_gradients
from textdl.training.loop import fit, validate
from textdl.training.optimizers import SPARSE, decay_weights, make_optimizers, scale_rates
from textdl.training.recipe import Optimizer, Recipe

RATES = {"sgd": 1, "momentum": 0.3, "nesterov": 0.3, "adagrad": 0.2, "adadelta": 3, "ftrl": 0.3}


def step(network, optimizers):
    network.zero_grad()
    batch = next(make_task(64, 1).in_order())
    nn.functional.cross_entropy(network(batch.ids, batch.lengths), batch.labels).backward()
    for optimizer in optimizers:
        optimizer.step()
    return set(batch.ids.unique().tolist()) - {0}


@pytest.mark.parametrize("name", get_args(Optimizer))
def test_learns(name):
    network = make_network()
    recipe = Recipe(optimizer=name, lr=RATES.get(name, 0.02), epochs=8, patience=8)
    fit(network, make_task(200, 1, batch_size=16), make_task(60, 2), recipe=recipe, device="cpu")
    assert validate(network, make_task(500, 3)).accuracy > 0.95


@pytest.mark.parametrize("name", get_args(Optimizer))
def test_only_sparse_forms_leave_untouched_rows_alone(name):
    network = make_network()
    network.eval()
    recipe = Recipe(optimizer=name, lr=0.1, l2=0.1)
    with dense_gradients(network, name not in SPARSE):
        optimizers = make_optimizers(network, recipe)
        touched = step(network, optimizers)
        before = network.embedding.weight.detach().clone()
        moved = step(network, optimizers)
        assert moved == touched
    changed = (network.embedding.weight != before).any(1).nonzero().flatten().tolist()
    assert set(changed) == touched
    assert network.embedding.sparse


@pytest.mark.parametrize("name", ["sgd", "adagrad", "ftrl"])
def test_sparse_and_dense_gradients_move_alike(name):
    tables = []
    for dense in (False, True):
        network = make_network()
        network.eval()
        with dense_gradients(network, dense):
            optimizers = make_optimizers(network, Recipe(optimizer=name, lr=0.1))
            for _ in range(3):
                step(network, optimizers)
        tables.append(network.embedding.weight.detach())
    torch.testing.assert_close(*tables)


def moves(optimizer, weight, gradients):
    p = nn.Parameter(weight.clone())
    one = optimizer([p])
    for gradient in gradients:
        p.grad = gradient.clone()
        one.step()
    return p.detach()


def test_momentum_and_nesterov_follow_their_formulas():
    random = torch.Generator().manual_seed(1)
    weight, *gradients = torch.randn(6, 4, generator=random)
    for name in ("momentum", "nesterov"):
        network = nn.Linear(4, 1, bias=False)
        with torch.no_grad():
            network.weight.copy_(weight[None])
        (optimizer,) = make_optimizers(network, Recipe(optimizer=name, lr=0.1, momentum=0.8))
        expected, velocity = weight.clone(), torch.zeros(4)
        for gradient in gradients:
            network.weight.grad = gradient[None].clone()
            optimizer.step()
            velocity = 0.8 * velocity + gradient
            expected -= 0.1 * (velocity if name == "momentum" else gradient + 0.8 * velocity)
        torch.testing.assert_close(network.weight.detach()[0], expected)


def test_ftrl_minimises_what_the_paper_says():
    random = torch.Generator().manual_seed(2)
    weight, *gradients = torch.randn(8, 5, generator=random, dtype=torch.float64)
    lr, l1, l2 = 0.3, 0.5, 0.2
    got = moves(lambda p: FTRL(p, lr, l1=l1, l2=l2), weight, gradients)
    # Gradients so far, and a quadratic term round each of the weights so far.
    linear, total, squares, w = -weight / lr, torch.full((5,), 1 / lr), torch.zeros(5), weight
    for gradient in gradients:
        squares = squares + gradient**2
        sigma = (1 + squares.sqrt()) / lr - total
        total = total + sigma
        linear = linear + gradient - sigma * w
        grid = torch.linspace(-3, 3, 600_001, dtype=torch.float64)[:, None]
        values = linear * grid + (total + l2) / 2 * grid**2 + l1 * grid.abs()
        w = grid[values.argmin(0), 0]
    torch.testing.assert_close(got, w, atol=2e-4, rtol=0)


def test_ftrl_gives_zeros_and_adam_does_not():
    zeros = {}
    for name, lr in (("ftrl", 0.1), ("adam", 0.02)):
        network = make_network()
        recipe = Recipe(optimizer=name, lr=lr, l1=2e-2 if name == "adam" else 2.0, epochs=8)
        training = make_task(300, 1, batch_size=16)
        fit(network, training, make_task(60, 2), recipe=recipe, device="cpu")
        zeros[name] = int((network.output.weight == 0).sum())
        if name == "ftrl":
            assert validate(network, make_task(500, 3)).accuracy > 0.9
            assert int((network.embedding.weight[1:] == 0).sum()) > 40
    assert zeros["adam"] == 0 < zeros["ftrl"]


def test_ftrl_without_penalties_is_adagrad_with_another_constant():
    random = torch.Generator().manual_seed(3)
    weight, *gradients = torch.randn(8, 5, generator=random)
    got = moves(lambda p: FTRL(p, 0.3, beta=1e-10), weight, gradients)
    torch.testing.assert_close(got, moves(lambda p: torch.optim.Adagrad(p, 0.3), weight, gradients))


def rates(network, recipe):
    names = {id(p): name for name, p in network.named_parameters()}
    return {
        names[id(p)]: group["lr"]
        for optimizer in make_optimizers(network, recipe)
        for group in optimizer.param_groups
        for p in group["params"]
    }


class Deep(nn.Module):
    def __init__(self):
        super().__init__()
        self.filters = nn.Parameter(torch.zeros(2, 2))
        self.words = nn.Embedding(5, 2, sparse=True)
        self.blocks = nn.ModuleList(nn.Linear(2, 2) for _ in range(2))
        self.output = nn.Linear(2, 2)


def test_rates_by_layer_and_for_embeddings():
    found = rates(Deep(), Recipe(lr=1.0, layer_decay=0.5))
    assert found == {
        "output.weight": 1, "output.bias": 1,
        "blocks.1.weight": 0.5, "blocks.1.bias": 0.5,
        "blocks.0.weight": 0.25, "blocks.0.bias": 0.25,
        "filters": 0.125, "words.weight": 0.0625,
    }  # fmt: skip
    found = rates(Deep(), Recipe(lr=1.0, layer_decay=0.5, embedding_lr=0.3))
    assert found["words.weight"] == 0.3
    assert found["filters"] == 0.125


def test_scaling_keeps_the_ratios():
    optimizers = make_optimizers(Deep(), Recipe(lr=1.0, embedding_lr=4.0))
    for factor in (0.5, 0.25):
        scale_rates(optimizers, factor)
        found = {group["lr"] for optimizer in optimizers for group in optimizer.param_groups}
        assert found == {factor, 4 * factor}


def test_weight_decay_shrinks_matrices_only():
    network = Deep()
    for p in network.parameters():
        nn.init.ones_(p)
        p.grad = torch.zeros_like(p)
    decay_weights(make_optimizers(network, Recipe(lr=0.1, weight_decay=0.5)))
    for name, p in network.named_parameters():
        shrunk = name != "words.weight" and not name.endswith("bias")
        torch.testing.assert_close(p.detach(), torch.full_like(p, 0.95 if shrunk else 1.0))


def test_adamw_is_torchs():
    ours, theirs = nn.Linear(3, 2, bias=False), nn.Linear(3, 2, bias=False)
    theirs.load_state_dict(ours.state_dict())
    mine = make_optimizers(ours, Recipe(optimizer="adamw", lr=0.1))
    other = torch.optim.AdamW(theirs.parameters(), lr=0.1)
    for seed in range(4):
        gradient = torch.randn(2, 3, generator=torch.Generator().manual_seed(seed))
        ours.weight.grad, theirs.weight.grad = gradient.clone(), gradient.clone()
        decay_weights(mine)
        mine[0].step()
        other.step()
    torch.testing.assert_close(ours.weight, theirs.weight)
