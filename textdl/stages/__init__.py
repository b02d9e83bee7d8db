"""The stages that come with textdl: one module each, named after the stage, without logic."""

from __future__ import annotations

import importlib
import pkgutil

from textdl.pipeline import Stage


def stage_names() -> list[str]:
    """The names that a pipeline file can use."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def find_stage(name: str) -> Stage:
    """The stage of this name; only its module is imported.

    Raises:
        LookupError: there is none; the argument is the list of names there are.
    """
    if name not in stage_names():
        raise LookupError(stage_names())
    stage: Stage = getattr(importlib.import_module(f"{__name__}.{name}"), name)
    return stage
