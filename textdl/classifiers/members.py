"""Models that consist of models: saved with each in a folder of its own, ``member-0``, …"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from textdl.cards import classifier_card, write_card
from textdl.classifiers.model import SentimentModel
from textdl.errors import InputError
from textdl.replacing import replaced_folder

KINDS = {
    "ensemble": "textdl.classifiers.ensemble:Ensemble",
    "sweep": "textdl.classifiers.sweep:Sweep",
}
"""Where the class of each kind is: a new one gets a line here."""


def save_members(
    folder: str | Path, kind: str, models: Mapping[str, SentimentModel], **arguments: Any
) -> None:
    """Write ``model.json``, a model card and the members into ``folder``.

    Args:
        kind: a name in :data:`KINDS`.
        arguments: JSON, what the constructor takes besides the models.
    """
    description = {"network": kind, "members": list(models), **arguments}
    text = json.dumps(description, ensure_ascii=False, indent=1)
    first: Any = next(iter(models.values()))
    while not hasattr(first, "tokenizer"):  # A vote among votes has none of its own.
        first = next(iter(first.models.values()))
    card = classifier_card(
        arguments["info"],
        network=first.network.kind if kind == "sweep" else kind,
        label_names=first.label_names,
        tokenizer=first.tokenizer.settings(),
        epochs=[],
    )
    with replaced_folder(folder, last="model.json") as new:
        for i, model in enumerate(models.values()):
            model.save(new / f"member-{i}")
        (new / "model.json").write_text(text, "utf-8")
        write_card(new, card)


def load_members(
    folder: str | Path, kind: str, *arguments: str
) -> tuple[dict[str, SentimentModel], dict[str, Any]]:
    """The members by name, and what else was saved.

    Raises:
        InputError: the folder holds no model of the kind, or a damaged one.
    """
    folder = Path(folder)
    try:
        description = json.loads((folder / "model.json").read_text("utf-8"))
        if description["network"] != kind:
            raise ValueError(f"it is a {description['network']}")
        names = list(description["members"])
        rest = {name: description[name] for name in arguments}
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{folder}: not a complete {kind} ({error})") from error
    models = {name: SentimentModel.load(folder / f"member-{i}") for i, name in enumerate(names)}
    return models, rest


def class_of(folder: Path) -> type[SentimentModel] | None:
    """What to open a folder with that holds a model of models; None if it holds another."""
    try:
        kind = json.loads((folder / "model.json").read_text("utf-8"))["network"]
        module, name = KINDS[kind].split(":")
    except (OSError, KeyError, TypeError, ValueError):
        return None
    found: type[SentimentModel] = getattr(import_module(module), name)
    return found
