"""A run that is killed in the middle of an epoch and goes on ends in the same bytes."""

from typing import get_args

import numpy as np
import pytest
import torch
from training.toy_networks import Notes, make_network, make_task

from textdl.classifiers.augmentation import Augmentation
from textdl.errors import InputError
from textdl.training.loop import fit
from textdl.training.recipe import Optimizer, Recipe


class Killed(BaseException):
    pass


class Killer(Notes):
    """Kills after so many batches."""

    def __init__(self, batches):
        super().__init__()
        self.left = batches

    def update(self, *args, **facts):
        self.left -= 1
        if not self.left:
            raise Killed


def run(recipe, folder=None, progress=None, steps=3, augment=None):
    network = make_network()
    history = fit(
        network,
        make_task(120, 1, batch_size=16, augment=augment),
        make_task(60, 2),
        recipe=recipe,
        checkpoints=folder,
        checkpoint_steps=steps,
        device="cpu",
        progress=progress,
    )
    return network.state_dict(), history


def check(recipe, folder, batches):
    weights, history = run(recipe)
    with pytest.raises(Killed):
        run(recipe, folder, Killer(batches))
    notes = Notes()
    resumed, resumed_history = run(recipe, folder, notes)
    assert resumed_history == history
    assert all(
        value.numpy().tobytes() == resumed[n].numpy().tobytes() for n, value in weights.items()
    )
    return notes.notes[0]


@pytest.mark.parametrize("name", get_args(Optimizer))
def test_each_optimizer(name, tmp_path):
    recipe = Recipe(optimizer=name, lr=0.02, epochs=3, l1=1e-3, layer_decay=0.9)
    note = check(recipe, tmp_path, 13)
    assert note == "resuming from the checkpoint after epoch 1 of 3 and 3 batches"


@pytest.mark.parametrize("batches", [1, 3, 4, 8, 9, 12, 20])
def test_anywhere(batches, tmp_path):
    check(Recipe(lr=0.02, epochs=3, patience=3), tmp_path, batches)


@pytest.mark.parametrize(
    "settings",
    [
        {"averaging": "ema", "ema_decay": 0.9},
        {"averaging": "swa", "swa_start": 0.3},
        {"schedule": "plateau", "lr": 0.5},
        {"schedule": "one-cycle", "warmup": 0.2},
        {"unfreeze": "gradual"},
        {"word_dropout": 0.2, "embedding_dropout": 0.2, "input_noise": 0.1, "weight_noise": 0.1},
        {"initialisation": "orthogonal", "max_norm": 0.5, "clip_norm": 0.1},
        {"loss": "focal", "class_weights": "balanced", "monitor": "macro_f1"},
        {"precision": "bf16"},
        {"precision": "fp16"},
    ],
    ids=lambda settings: next(iter(settings.values())),
)
def test_each_setting_with_a_state(settings, tmp_path):
    check(Recipe(**{"lr": 0.02, "epochs": 4, "patience": 4, **settings}), tmp_path, 21)


def test_writing_checkpoints_changes_nothing(tmp_path):
    recipe = Recipe(lr=0.02, epochs=2)
    one, two = run(recipe, steps=None)[0], run(recipe, tmp_path, steps=1)[0]
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_a_recipe_with_an_end_is_not_prolonged(tmp_path):
    run(Recipe(epochs=2, schedule="linear"), tmp_path)
    with pytest.raises(InputError, match="written by a training with other settings"):
        run(Recipe(epochs=3, schedule="linear"), tmp_path)


def test_other_layers_frozen_is_another_run(tmp_path):
    run(Recipe(epochs=1), tmp_path)
    network = make_network()
    network.embedding.requires_grad_(False)
    with pytest.raises(InputError, match="written by a training with other settings"):
        fit(
            network,
            make_task(120, 1, batch_size=16),
            make_task(60, 2),
            epochs=2,
            checkpoints=tmp_path,
            device="cpu",
        )


def test_other_synonyms_are_another_run(tmp_path):
    one, other = (
        Augmentation(np.full((50, 1), word, np.int32), replace=0.5, insert=0.5) for word in (7, 8)
    )
    run(Recipe(epochs=1), tmp_path, augment=one)
    run(Recipe(epochs=2), tmp_path, augment=one)
    with pytest.raises(InputError, match="written by a training with other settings"):
        run(Recipe(epochs=3), tmp_path, augment=other)


def test_checkpoints_need_a_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"checkpoints: .*file is a file: name a folder"):
        run(Recipe(), tmp_path / "file")


def test_weights_that_are_not_finite_are_never_written(tmp_path):
    recipe = Recipe(optimizer="sgd", lr=1e38, epochs=1)
    with pytest.raises(InputError, match=r"the loss became nan in epoch 1, .*lower lr"):
        run(recipe, tmp_path, steps=1)
    if (tmp_path / "checkpoint.safetensors").exists():
        with pytest.raises(InputError, match="the loss became"):
            run(recipe, tmp_path, steps=1)
