import math

import numpy as np
import pytest
import torch
from training.toy_networks import make_batches, make_network, make_task

from textdl.errors import InputError
from textdl.training.loop import fit
from textdl.training.range_test import RangeTest, lr_range_test
from textdl.training.recipe import Recipe


@pytest.mark.parametrize("optimizer", ["adam", "nesterov"])
def test_the_suggestion_learns(optimizer):
    network = make_network()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    training = make_task(200, 1, batch_size=16)
    recipe = Recipe(optimizer=optimizer, epochs=8, patience=8)
    found = lr_range_test(network, training, recipe=recipe, device="cpu")
    assert all(torch.equal(value, before[n]) for n, value in network.state_dict().items())
    assert 1e-4 < found.suggestion <= 1
    history = fit(network, training, make_task(60, 2), recipe=recipe, lr=found.suggestion)
    assert history[history.best].validation_accuracy > 0.95


def test_same_seed_same_losses():
    runs = [lr_range_test(make_network(), make_task(200, 1), steps=20) for _ in range(2)]
    assert np.array_equal(runs[0].losses, runs[1].losses)
    assert len(runs[0].rates) == len(runs[0].losses) <= 20
    assert runs[0].rates[0] == pytest.approx(1e-6)


def test_ends_where_the_loss_explodes():
    found = lr_range_test(make_network(), make_task(200, 1), highest=1e6, steps=200)
    assert len(found.losses) < 200


def test_suggestion_and_figure():
    rates = np.geomspace(1e-5, 1, 60)
    found = RangeTest(rates, (np.log10(rates) + 2) ** 2)
    assert 1e-4 < found.suggestion < 1e-2
    axes = found.figure().axes[0]
    assert axes.get_xscale() == "log"
    assert axes.get_xlabel() == "learning rate"
    assert len(axes.lines) == 3


def test_ranges_that_are_none():
    for highest in (0.1, math.inf):
        with pytest.raises(InputError, match="needs documents, 0 < lowest < highest"):
            lr_range_test(make_network(), make_task(50, 1), lowest=1.0, highest=highest)
    with pytest.raises(InputError, match="not 0 documents"):
        lr_range_test(make_network(), make_batches([]))
