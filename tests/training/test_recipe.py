import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

import textdl.training.recipe as module
from textdl.errors import InputError
from textdl.settings import checked
from textdl.training.recipe import Recipe


def test_defaults_and_changes():
    recipe = Recipe(lr=1, max_norm_layers=["output", "hidden"])
    assert recipe.lr == 1.0
    assert recipe.max_norm_layers == ("output", "hidden")
    changed = recipe.changed(lr=None, epochs=9)
    assert (changed.lr, changed.epochs) == (1.0, 9)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("lr", 0),
        ("epochs", 0),
        ("optimizer", "adm"),
        ("schedule", "cos"),
        ("warmup", 1),
        ("layer_decay", 1.5),
        ("label_smoothing", -0.1),
        ("class_weights", "equal"),
        ("clip_norm", 0),
        ("ema_decay", 1),
        ("precision", "float16"),
    ],
)
def test_wrong_values_name_the_setting(setting, value):
    with pytest.raises(InputError, match=rf"^Recipe: {setting}.*{re.escape(repr(value))}$"):
        Recipe(**{setting: value})
    with pytest.raises(InputError, match=f"Recipe: {setting}"):
        Recipe().changed(**{setting: value})


def test_an_unknown_setting_names_the_nearest():
    with pytest.raises(TypeError, match="no setting 'optimiser': did you mean 'optimizer'"):
        Recipe(optimiser="adam")


@checked
def trainer(*, recipe: Recipe | None = None) -> Recipe | None:
    return recipe


def test_a_table_of_a_pipeline_file_is_a_recipe():
    assert trainer(recipe={"lr": 3, "optimizer": "ftrl"}) == Recipe(lr=3, optimizer="ftrl")
    assert trainer(recipe=Recipe(seed=4)) == Recipe(seed=4)
    for wrong in ({"lr": -3}, {"rate": 3}, {"optimizer": "ftrl", "weight_decay": 1}):
        with pytest.raises(InputError, match=r"trainer: recipe"):
            trainer(recipe=wrong)


def test_settings_that_exclude_each_other():
    with pytest.raises(InputError, match="weight_decay with optimizer 'ftrl'"):
        Recipe(optimizer="ftrl", weight_decay=0.1)
    with pytest.raises(InputError, match="label_smoothing with loss 'hinge'"):
        Recipe(loss="hinge", label_smoothing=0.1)
    with pytest.raises(InputError, match="averaging 'ema' with optimizer 'ftrl' and l1"):
        Recipe(optimizer="ftrl", l1=0.1, averaging="ema")
    Recipe(optimizer="ftrl", averaging="ema")
    with pytest.raises(InputError, match="momentum 0 with optimizer 'nesterov'"):
        Recipe(optimizer="nesterov", momentum=0)


@pytest.mark.parametrize(("epochs", "start"), [(1, 0.5), (6, 0.9), (10, 0.95)])
def test_an_average_of_no_epoch(epochs, start):
    with pytest.raises(InputError, match=f"swa_start {start} of {epochs} epochs: .*no"):
        Recipe(averaging="swa", epochs=epochs, swa_start=start)
    assert Recipe(averaging="ema", epochs=epochs, swa_start=start).epochs == epochs
    assert Recipe(averaging="swa", epochs=20, swa_start=start).swa_epoch == 20 * start


def test_every_setting_is_documented():
    text = Path(module.__file__).read_text("utf-8")
    for field in fields(Recipe):
        assert re.search(rf'^    {field.name}: .*\n    """\S', text, re.MULTILINE), field.name


def test_identity_is_json_and_leaves_out_what_a_run_may_change():
    assert Recipe(epochs=3, patience=9).identity() == Recipe(epochs=8).identity()
    assert json.loads(json.dumps(Recipe().identity()))["lr"] == 1e-3
    assert Recipe(clip_norm=1).identity() != Recipe().identity()
    for end in ({"schedule": "cosine"}, {"warmup": 0.1}, {"averaging": "swa"}):
        assert Recipe(epochs=3, **end).identity() != Recipe(epochs=8, **end).identity()
