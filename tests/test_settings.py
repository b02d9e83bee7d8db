from __future__ import annotations

import inspect
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import pytest
from annotated_types import Ge, Gt

from textdl.classifiers import train_birnn, train_textcnn, train_transformer
from textdl.classifiers.settings import TrainingSettings
from textdl.errors import InputError
from textdl.pipeline import StageRun, stage
from textdl.pipeline.schema import WrongSettingError
from textdl.settings import Unchecked, checked, with_settings_of
from textdl.stages import find_stage
from textdl.vectors import Vectors

TRAINERS = {"textcnn": train_textcnn, "birnn": train_birnn, "transformer": train_transformer}


@dataclass(frozen=True, kw_only=True)
class Shared:
    epochs: Annotated[int, Ge(1)] = 6
    lr: Annotated[float, Gt(0)] = 1e-3
    layers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.epochs == 13:
            raise InputError("epochs 13: choose another number")


@checked
@with_settings_of(Shared, lr=0.5)
def train(
    text: str,
    *,
    width: Annotated[int, Ge(1)] = 3,
    settings: Shared,
    checkpoints: str | None = None,
) -> tuple[str, int, Shared, str | None]:
    """Trains."""
    return text, width, settings, checkpoints


@stage(version=1, settings_of=train, without=("checkpoints",), unkeyed=("epochs",))
def training(*, run: StageRun, **settings: Any) -> Vectors:
    raise NotImplementedError


@pytest.mark.parametrize(
    ("args", "given", "problem"),
    [
        ((), {}, "missing a required argument: 'text'"),
        (("a", "b", "c"), {}, "too many positional arguments"),
        (("a",), {"text": "b"}, "multiple values for argument 'text'"),
    ],
)
def test_arguments_that_fit_no_call_are_a_type_error(args, given, problem):
    with pytest.raises(TypeError, match=rf"^train\(\): {problem}$"):
        train(*args, **given)


def test_the_signature_shows_the_fields():
    parameters = inspect.signature(train).parameters
    assert list(parameters) == ["text", "width", "checkpoints", "epochs", "lr", "layers"]
    assert [p.default for p in parameters.values()][1:] == [3, None, 6, 0.5, ()]
    shared = [p for name, p in parameters.items() if name != "text"]
    assert {p.kind for p in shared} == {inspect.Parameter.KEYWORD_ONLY}
    assert (train.__name__, train.__doc__) == ("train", "Trains.")


def test_the_function_gets_one_object():
    assert train("x") == ("x", 3, Shared(lr=0.5), None)
    given = train(text="x", epochs=2, layers=["output"], width=4, checkpoints="y")
    assert given == ("x", 4, Shared(epochs=2, lr=0.5, layers=("output",)), "y")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"lr": 0.0}, "train: lr: input should be greater than 0, not 0.0"),
        ({"epochs": "many"}, "train: epochs: .* not 'many'"),
        ({"layers": ("one", 2)}, "train: layers.1: .* not 2"),
        ({"width": 0}, "train: width: input should be greater than or equal to 1"),
        ({"epochs": 13}, "epochs 13: choose another"),
    ],
)
def test_a_wrong_value_is_named(settings, message):
    with pytest.raises(InputError, match=message):
        train("x", **settings)


def test_a_wrong_positional_argument_is_named():
    with pytest.raises(InputError, match=r"train: text: .* not 3"):
        train(3)


@checked
def outer(words: Annotated[list[str], Unchecked], n: int = 1) -> Any:
    return int("one") if n == 0 else train(n) if n == 2 else words


def test_what_is_not_to_be_checked_is_passed_on_as_it_is():
    words = (word for word in "ab")
    assert outer(words, n="1") is words
    with pytest.raises(InputError, match="outer: n: "):
        outer(words, n="x")


def test_errors_from_inside_stay_what_they_are():
    with pytest.raises(ValueError, match="invalid literal for int"):
        outer([], n=0)
    with pytest.raises(InputError, match=r"^train: text: .* not 2"):
        outer([], n=2)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("epoch", r"train\(\) has no setting 'epoch': did you mean 'epochs'\?"),
        ("settings", r"train\(\) has no setting 'settings'"),
        ("zzz", r"train\(\) has no setting 'zzz'$"),
    ],
)
def test_a_setting_that_does_not_exist_comes_with_the_nearest(setting, message):
    with pytest.raises(TypeError, match=message):
        train("x", **{setting: 1})


def test_a_stage_has_them_with_their_bounds():
    settings = training.settings
    assert list(settings) == ["width", "epochs", "lr", "layers"]
    assert settings.resolve({}) == {"width": 3, "epochs": 6, "lr": 0.5, "layers": []}
    read = settings.load(settings.resolve({"layers": ["output"], "epochs": 2}))
    assert read == {"width": 3, "epochs": 2, "lr": 0.5, "layers": ("output",)}
    for wrong in ({"lr": -1.0}, {"epochs": 2.5}, {"width": 0}, {"lrr": 1.0}, {"checkpoints": "x"}):
        with pytest.raises(WrongSettingError) as error:
            settings.resolve(wrong)
        assert error.value.name in wrong


@pytest.mark.parametrize("name", TRAINERS)
def test_trainers_and_their_stages_have_the_settings_of_training(name):
    parameters = inspect.signature(TRAINERS[name]).parameters
    known = find_stage(name).settings
    for field in fields(TrainingSettings):
        assert parameters[field.name].kind is inspect.Parameter.KEYWORD_ONLY
        expected = 0.1 if (name, field.name) == ("transformer", "warmup") else field.default
        assert parameters[field.name].default == known[field.name][1] == expected
    shown = {n for n, p in parameters.items() if p.kind is inspect.Parameter.KEYWORD_ONLY}
    assert shown - known.keys() == {"checkpoints", "progress"}


def test_the_guide_names_them():
    page = (Path(__file__).parents[1] / "docs" / "classifiers.md").read_text("utf-8")
    own = (inspect.signature(trainer).parameters for trainer in TRAINERS.values())
    for name in {name for parameters in own for name in parameters} - {"corpus", "progress"}:
        assert f"`{name}`" in page or f"`{name}=" in page, name


@pytest.mark.parametrize("name", TRAINERS)
def test_their_stages_know_the_bounds(name):
    settings = find_stage(name).settings
    given = {"class_weights": [1, 2.5], "augment": {"delete": 0.2}, "freeze": ["channels"]}
    read = settings.load(settings.resolve(given))
    assert read["class_weights"] == (1, 2.5)
    assert read["augment"].delete == 0.2
    assert read["freeze"] == ("channels",)
    for wrong in (
        {"max_norm": 0}, {"optimizer": "sgdd"}, {"warmup": 1.0}, {"augment": {"swop": 1}},
        {"batchsize": 3}, {"dropout": -0.1},
    ):  # fmt: skip
        with pytest.raises(WrongSettingError):
            settings.resolve(wrong)


def test_a_pipeline_knows_settings_that_exclude_each_other():
    assert training.settings.resolve({"epochs": 12})["epochs"] == 12
    with pytest.raises(WrongSettingError, match="epochs 13: choose another number") as raised:
        training.settings.resolve({"epochs": 13})
    assert raised.value.name == "epochs"
    given = {"loss": "hinge", "label_smoothing": 0.1}
    with pytest.raises(WrongSettingError, match="label_smoothing with loss 'hinge'"):
        find_stage("textcnn").settings.resolve(given)
