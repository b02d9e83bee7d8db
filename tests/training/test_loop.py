import hashlib
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from training.toy_networks import MeanNetwork, Notes, make_batches, make_network, make_task

from textdl.errors import InputError
from textdl.training.loop import fit, validate
from textdl.training.losses import Criterion
from textdl.training.recipe import Recipe

SETTINGS = {"epochs": 4, "lr": 0.02, "patience": 4, "seed": 1, "device": "cpu"}


def weights(network):
    return {name: value.clone() for name, value in network.state_dict().items()}


def digest(network):
    arrays = (value.numpy().tobytes() for value in network.state_dict().values())
    return hashlib.sha256(b"".join(arrays)).hexdigest()


def run(network=None, **changes):
    network = network or make_network()
    training, validation = make_task(200, 1, batch_size=16), make_task(60, 2)
    history = fit(network, training, validation, **{**SETTINGS, **changes})
    return network, history


def test_learns():
    network, history = run()
    assert history[-1].loss < history[0].loss
    assert validate(network, make_task(500, 3)).accuracy > 0.95


def test_same_seed_same_bytes():
    one, first = run()
    two, second = run()
    other, third = run(seed=2)
    assert digest(one) == digest(two) != digest(other)
    assert first == second != third


def test_global_state_is_left_alone():
    before, threads = torch.random.get_rng_state(), torch.get_num_threads()
    run()
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.get_num_threads() == threads


def test_frozen_parameters_do_not_move():
    network = make_network()
    before = weights(network)
    run(network)
    assert torch.equal(network.frozen.weight, before["frozen.weight"])
    assert not torch.equal(network.embedding.weight, before["embedding.weight"])
    assert torch.equal(network.embedding.weight[0], before["embedding.weight"][0])  # padding


class Forgetful(MeanNetwork):
    """Predicts well in its second epoch only."""

    evaluations = 0

    def forward(self, ids, lengths):
        logits = super().forward(ids, lengths)
        if self.training:
            return logits
        signal = (ids == 2).any(1).float() * 10
        self.seen_epochs.append(round(self.output.bias[0].item(), 6))
        good = len(set(self.seen_epochs)) == 2
        return logits * 0 + torch.stack([5 - signal, signal - 5], 1) * (1 if good else -1)


def test_keeps_the_best_epoch_and_stops_after_patience():
    network = make_network(Forgetful)
    network.seen_epochs = []
    _, history = run(network, epochs=20, patience=3)
    assert history.best == 1
    assert len(history) == 5
    assert history[1].validation_accuracy == 1
    assert round(network.output.bias[0].item(), 6) == network.seen_epochs[1]


def test_one_predicted_class_is_noted():
    network, notes = make_network(), Notes()
    with torch.no_grad():
        network.output.bias.copy_(torch.tensor([9.0, -9.0]))
    run(network, lr=1e-9, epochs=1, progress=notes)
    assert any("is predicted as class" in note for note in notes.notes)
    notes = Notes()
    run(progress=notes)
    assert not any("is predicted as class" in note for note in notes.notes[-1:])


def test_progress_counts_examples():
    notes = Notes()
    run(progress=notes)
    done, total, unit, facts = notes.updates[-1]
    assert (done, total, unit) == (800, 800, "examples")
    assert facts.keys() == {"loss", "accuracy"}
    assert all(math.isfinite(value) for value in facts.values())


def test_a_loss_that_is_not_finite(tmp_path):
    network = make_network()
    with torch.no_grad():
        network.output.weight.fill_(math.inf)
    with pytest.raises(InputError, match=r"loss became nan in epoch 1, .*lower lr .*0\.02"):
        run(network, checkpoints=tmp_path)
    assert not list(tmp_path.iterdir())


class Diverging(MeanNetwork):
    """Gives numbers for two epochs and their validation."""

    steps = 0

    def forward(self, ids, lengths):
        self.steps += self.training
        return super().forward(ids, lengths) * (math.inf if self.steps > 26 else 1)


def test_the_checkpoint_before_a_bad_loss_stays(tmp_path):
    with pytest.raises(InputError, match="in epoch 3, example"):
        run(make_network(Diverging), checkpoints=tmp_path)
    network, notes = make_network(Diverging), Notes()
    network.steps = -100
    run(network, checkpoints=tmp_path, progress=notes)
    assert notes.notes[0] == "resuming from the checkpoint after epoch 2 of 4"


def test_cuda_that_is_not_there():
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(InputError, match="no CUDA device"):
        run(device="cuda")


def test_empty_documents():
    network = make_network()
    task = make_batches([[], [2], [], [3]], [0, 1, 1, 0])
    history = fit(network, task, task, **SETTINGS)
    assert all(math.isfinite(epoch.loss) for epoch in history)


def test_other_losses_and_monitors():
    training, validation = make_task(200, 1, batch_size=16), make_task(60, 2)
    for loss in ("binary", "focal", "hinge", "squared"):
        network = make_network()
        recipe = Recipe(loss=loss, lr=0.05, epochs=6, patience=6, monitor="loss")
        history = fit(network, training, validation, recipe=recipe, device="cpu")
        least = 0.8 if loss == "squared" else 0.95
        assert validate(network, make_task(500, 3)).accuracy > least
        assert history.best == min(range(len(history)), key=lambda i: history[i].validation_loss)


def test_several_labels():
    random = np.random.default_rng(1)
    labels = random.integers(0, 2, (300, 2))
    documents = [[4 + 2 * a, 5 + 2 * a, 10 + b] for a, b in labels]
    task = make_batches(documents, labels, batch_size=16)
    network = make_network()
    recipe = Recipe(loss="binary", lr=0.05, epochs=8, patience=8, monitor="macro_f1")
    history = fit(network, task, task, recipe=recipe, device="cpu")
    assert history[history.best].score == 1
    assert validate(network, task, Criterion(recipe, task.class_counts())).accuracy == 1
    with pytest.raises(InputError, match="'cross-entropy' is for documents with one label"):
        fit(make_network(), task, task, device="cpu")


@pytest.mark.parametrize("loss", ["cross-entropy", "focal", "binary", "hinge", "squared"])
def test_a_weighted_loss_does_not_depend_on_the_batches(loss):
    task = make_task(200, 3)
    criterion = Criterion(Recipe(loss=loss, class_weights=(1, 20)), task.class_counts())
    losses = [
        validate(make_network(), replace(task, batch_size=size), criterion).loss
        for size in (1, 7, 200)
    ]
    assert losses == pytest.approx([losses[0]] * 3)


def test_worse_than_the_majority_is_noted():
    random = np.random.default_rng(1)
    texts = [random.integers(2, 50, 5).tolist() for _ in range(100)]
    wrong = make_batches(texts, [0] * 30 + [1] * 70)
    opposite = make_batches(texts, [1] * 30 + [0] * 70)
    notes = Notes()
    fit(make_network(), wrong, opposite, lr=0.05, epochs=20, device="cpu", progress=notes)
    assert "always saying the most frequent class gives 0.7" in notes.notes[-1]


def test_arguments_replace_those_of_the_recipe():
    recipe = Recipe(epochs=9, lr=0.02, patience=9, seed=5)
    network, history = run(recipe=recipe)
    assert digest(network) == digest(run()[0])
    assert len(history) == 4
