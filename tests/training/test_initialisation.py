import math

import pytest
import torch
from torch import nn

from textdl.classifiers.textcnn import TextCNN
from textdl.errors import InputError
from textdl.training.activations import Maxout, activation
from textdl.training.initialisation import initialise
from textdl.training.randomness import seeded


def network():
    return nn.Sequential(nn.Embedding(10, 4), nn.Linear(300, 200), nn.LSTM(30, 50))


def drawn(method):
    with seeded(3):
        made = network()
        before = made[0].weight.detach().clone()
        initialise(made, method)
        assert torch.equal(made[0].weight, before)
    return made


def test_xavier():
    weight = drawn("xavier")[1].weight
    bound = math.sqrt(6 / 500)
    assert weight.abs().max() <= bound
    assert weight.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.05)


def test_he():
    made = drawn("he")
    assert made[1].weight.std().item() == pytest.approx(math.sqrt(2 / 300), rel=0.05)
    assert not made[1].bias.any()


def test_orthogonal_gate_by_gate():
    made = drawn("orthogonal")
    weight = made[1].weight
    torch.testing.assert_close(weight @ weight.T, torch.eye(200), atol=1e-5, rtol=0)
    for gate in made[2].weight_hh_l0.split(50):
        torch.testing.assert_close(gate @ gate.T, torch.eye(50), atol=1e-5, rtol=0)


def test_filters_are_drawn_as_those_of_a_convolution():
    made = TextCNN(words=5, dim=100, classes=2, widths=(2, 3), maps=90)
    with seeded(3):
        initialise(made, "he")
    for (_, parts), width in zip(list(made.weights())[:1] * 2, (2, 3), strict=True):
        filters = parts[width - 2]
        assert filters.shape == (90, 100, width)
        assert filters.std().item() == pytest.approx(math.sqrt(2 / (100 * width)), rel=0.05)
    assert not made.biases.any()
    initialise(made, "orthogonal")
    first = made.filters.detach().view(100, 5, 90)[:, :2].permute(2, 0, 1).flatten(1)
    torch.testing.assert_close(first @ first.T, torch.eye(90), atol=1e-5, rtol=0)


def test_own_and_frozen_stay():
    with seeded(3):
        made = network()
    before = {name: value.clone() for name, value in made.state_dict().items()}
    initialise(made, "own")
    initialise(made.requires_grad_(False), "he")
    assert all(torch.equal(value, before[name]) for name, value in made.state_dict().items())

    textcnn = TextCNN(words=5, dim=4, classes=2).requires_grad_(False)
    filters = textcnn.filters.clone()
    initialise(textcnn, "he")
    assert torch.equal(textcnn.filters, filters)


@pytest.mark.parametrize(
    ("name", "at_minus_1", "at_1"),
    [
        ("relu", 0, 1),
        ("leaky-relu", -0.01, 1),
        ("elu", math.exp(-1) - 1, 1),
        ("gelu", -0.15865525, 0.84134475),
        ("tanh", math.tanh(-1), math.tanh(1)),
        ("sigmoid", 1 / (1 + math.e), 1 / (1 + math.exp(-1))),
    ],
)
def test_activations(name, at_minus_1, at_1):
    assert activation(name)(torch.tensor([-1.0, 1.0])).tolist() == pytest.approx([at_minus_1, at_1])


def test_maxout():
    assert activation("maxout")(torch.tensor([[1.0, 2.0, -3.0, -4.0]])).tolist() == [[2.0, -3.0]]
    assert Maxout(4)(torch.arange(8.0)).tolist() == [3.0, 7.0]
    with pytest.raises(InputError, match="no activation 'swish': there are relu, leaky-relu"):
        activation("swish")
