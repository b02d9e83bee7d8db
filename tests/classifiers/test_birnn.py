import pytest
import torch
from classifiers.toy_batches import make_ids
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from textdl.classifiers.birnn import CELLS, BiRNN, reversal, rows_of
from textdl.errors import InputError
from textdl.training.randomness import seeded

LENGTHS = [5, 1, 9, 30, 2]


def make_network(**settings):
    with seeded(1):
        return BiRNN(**{"words": 40, "dim": 6, "classes": 3, "hidden": 5, **settings}).eval()


def torchs_own(network, cell, layers):
    """torch's bidirectional network with the same weights."""
    twin = CELLS[cell](6, 5, layers, bidirectional=True, batch_first=True)
    weights = {}
    for i in range(layers):
        layer = network.layers[i]
        for mine, suffix in ((layer.onward, ""), (layer.backward, "_reverse")):
            for name, value in mine.module.state_dict().items():
                weights[f"{name.removesuffix('l0')}l{i}{suffix}"] = value
    twin.load_state_dict(weights)
    return twin


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_states_and_gradients_are_those_of_a_packed_sequence(cell, layers):
    network = make_network(cell=cell, layers=layers)
    ids, lengths = make_ids(LENGTHS, extra=3)
    vectors = network.channels.look_up(ids).detach()
    ours, theirs = vectors.clone().requires_grad_(), vectors.clone().requires_grad_()
    states = network.states(ours, lengths)

    packed = pack_padded_sequence(theirs, lengths, batch_first=True, enforce_sorted=False)
    twin = torchs_own(network, cell, layers)
    expected, _ = pad_packed_sequence(twin(packed)[0], batch_first=True, total_length=33)
    assert torch.allclose(states, expected, atol=1e-5)

    weights = torch.linspace(-1, 1, states.numel()).view_as(states)
    (states * weights).sum().backward()
    (expected * weights).sum().backward()
    assert torch.allclose(ours.grad, theirs.grad, atol=1e-5)
    for i in range(layers):
        for name, parameter in network.layers[i].backward.module.named_parameters():
            other = getattr(twin, f"{name.removesuffix('l0')}l{i}_reverse")
            assert torch.allclose(parameter.grad, other.grad, atol=1e-4)


def test_the_last_states_are_torchs():
    network = make_network(pooling="last")
    ids, lengths = make_ids(LENGTHS)
    vectors = network.channels.look_up(ids)
    packed = pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False)
    _, (ends, _) = torchs_own(network, "lstm", 1)(packed)
    features = network.pooling(network.states(vectors, lengths), lengths)
    assert torch.allclose(features, torch.cat([ends[0], ends[1]], 1), atol=1e-5)


def test_a_reversal_keeps_padding_and_can_be_taken_back():
    states = torch.arange(24.0).view(3, 4, 2)
    there, back = reversal(torch.tensor([0, 3, 4]), 4)
    taken = rows_of(states, there)
    assert taken.shape == (4, 3, 2)
    assert torch.equal(taken[:, 0], states[0])
    assert torch.equal(taken[:, 1], states[1][[2, 1, 0, 3]])
    assert torch.equal(taken[:, 2], states[2].flip(0))
    assert torch.equal(rows_of(taken, back), states)


@pytest.mark.parametrize("locked", [False, True])
def test_locked_dropout_is_constant_over_time(locked):
    network = make_network(layers=3, dropout=0.4, input_dropout=0.5, locked=locked).train()
    assert [layer.dropout.p for layer in network.layers] == [0.5, 0.4, 0.4]
    assert network.dropout.p == 0.4
    dropout = network.layers[0].dropout
    with seeded(3):
        dropped = dropout(torch.ones(4, 9, 50))
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert bool((dropped == dropped[:, :1]).all()) == locked
    assert not torch.equal(dropped[0], dropped[1])


@pytest.mark.parametrize("cell", CELLS)
def test_recurrent_dropout_drops_weights_from_state_to_state(cell):
    network = make_network(cell=cell, recurrent_dropout=0.5, dropout=0.0)
    batch = make_ids(LENGTHS)
    assert torch.equal(network(*batch), make_network(cell=cell)(*batch))
    network.train()
    assert not torch.allclose(network(*batch), network(*batch), atol=1e-4)
    words = make_ids([1, 1])  # There is no state before the first word.
    assert torch.allclose(network(*words), network.eval()(*words), atol=1e-6)


def test_a_window_without_attention():
    with pytest.raises(InputError, match="pooling is 'max'"):
        make_network(window=3)


def test_unknown_cell():
    with pytest.raises(KeyError, match="lstmm"):
        make_network(cell="lstmm")
