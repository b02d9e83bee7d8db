import pytest
import torch
from torch import nn
from training.toy_networks import MeanNetwork, Notes, make_network, make_task

from textdl.errors import InputError
from textdl.training.layers import layers, matrices, train_mode, unfreeze
from textdl.training.loop import fit
from textdl.training.recipe import Recipe


class Normed(MeanNetwork):
    """Has a batch norm between two linear layers."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8))

    def forward(self, ids, lengths):
        vectors = self.embedding(ids) + self.frozen(ids)
        mean = vectors.sum(1) / lengths.clamp_min(1)[:, None]
        return self.output(self.dropout(self.body(mean)))


def names(network, groups):
    found = {id(p): name for name, p in network.named_parameters()}
    return [[found[id(p)] for p in group] for group in groups]


def state(network):
    return {name: value.clone() for name, value in network.state_dict().items()}


def test_layers_go_from_the_input_to_the_output():
    network = make_network(Normed)
    assert names(network, layers(network)) == [
        ["embedding.weight"],
        ["output.weight", "output.bias"],
        ["body.0.weight", "body.0.bias", "body.1.weight", "body.1.bias"],
    ]
    assert names(network, [matrices(network)]) == [["output.weight", "body.0.weight"]]


class Gained(nn.Module):
    """Begins with gains of its own, and ends with two norms."""

    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(8))
        self.body = nn.ModuleList([nn.LayerNorm(8), nn.Linear(8, 8), nn.Linear(8, 8)])
        self.norms = nn.ModuleList(nn.LayerNorm(8) for _ in range(2))


def test_what_has_no_matrix_is_no_layer():
    network = Gained()
    assert names(network, layers(network)) == [
        ["gain", "body.0.weight", "body.0.bias", "body.1.weight", "body.1.bias"],
        ["body.2.weight", "body.2.bias"]
        + [f"norms.{i}.{n}" for i in (0, 1) for n in ("weight", "bias")],
    ]
    network.body.requires_grad_(False)
    assert [len(group) for group in layers(network)] == [5]


def test_frozen_layers_do_not_move_and_their_buffers_stay():
    network = make_network(Normed)
    network.body.requires_grad_(False)
    before = state(network)
    recipe = Recipe(lr=0.02, epochs=2, weight_decay=0.1, l1=0.1, weight_noise=0.1)
    fit(network, make_task(200, 1, batch_size=16), make_task(60, 2), recipe=recipe)
    moved = {n for n, value in network.state_dict().items() if not torch.equal(value, before[n])}
    assert moved == {"embedding.weight", "output.weight", "output.bias"}


def test_training_mode_leaves_frozen_modules_in_evaluation():
    network = make_network(Normed)
    network.body.requires_grad_(False)
    train_mode(network)
    assert network.training
    assert network.dropout.training
    assert not network.body[1].training


class Watching(Normed):
    """Remembers which parameters moved in which epoch."""

    def forward(self, ids, lengths):
        if not self.training:
            self.seen = [*getattr(self, "seen", []), state(self)]
        return super().forward(ids, lengths)


def test_gradual_unfreezing_trains_one_more_layer_each_epoch():
    network = make_network(Watching)
    before = state(network)
    recipe = Recipe(lr=0.02, epochs=5, patience=5, unfreeze="gradual")
    fit(network, make_task(100, 1, batch_size=16), make_task(20, 2), recipe=recipe)
    moved = []
    for after in network.seen:
        changed = {n for n, p in network.named_parameters() if not torch.equal(after[n], before[n])}
        moved.append({name.rsplit(".", 1)[0] for name in changed})
        before = after
    body, output = {"body.1", "body.0"}, {"output"}
    everything = body | output | {"embedding"}
    assert moved == [body, body | output, everything, everything, everything]
    assert all(p.requires_grad for name, p in network.named_parameters() if "frozen" not in name)


def test_early_stopping_waits_for_all_layers():
    network, notes = make_network(Watching), Notes()
    before = state(network)
    recipe = Recipe(optimizer="sgd", lr=1e-6, epochs=9, patience=1, unfreeze="gradual")
    tasks = make_task(100, 1, batch_size=16), make_task(20, 2)
    history = fit(network, *tasks, recipe=recipe, progress=notes)
    assert len(history) >= 3
    assert not torch.equal(network.seen[-1]["embedding.weight"], before["embedding.weight"])
    assert not any("gradual" in note for note in notes.notes)


def test_layers_that_no_epoch_reaches_are_noted():
    notes = Notes()
    recipe = Recipe(epochs=2, unfreeze="gradual")
    fit(make_network(Normed), make_task(50, 1), make_task(20, 2), recipe=recipe, progress=notes)
    (note,) = (note for note in notes.notes if "gradual" in note)
    assert note.startswith("unfreeze 'gradual' reaches the upper 2 of 3 layers in 2 epochs")


def test_an_error_leaves_no_layer_frozen():
    network = make_network(Normed)
    with torch.no_grad():
        network.output.weight.fill_(torch.inf)
    recipe = Recipe(unfreeze="gradual")
    with pytest.raises(InputError, match="the loss became nan"):
        fit(network, make_task(50, 1), make_task(20, 2), recipe=recipe)
    assert all(p.requires_grad for name, p in network.named_parameters() if "frozen" not in name)


def test_unfreezing():
    network = make_network(Normed)
    groups = layers(network)
    unfreeze(groups, 1)
    assert [p.requires_grad for group in groups for p in group] == [False] * 3 + [True] * 4
    unfreeze(groups, 9)
    assert all(p.requires_grad for group in groups for p in group)


def test_a_dense_optimizer_says_so():
    notes = Notes()
    recipe = Recipe(optimizer="rmsprop", epochs=1)
    fit(make_network(), make_task(50, 1), make_task(20, 2), recipe=recipe, progress=notes)
    assert any("'rmsprop' has no sparse form" in note for note in notes.notes)
