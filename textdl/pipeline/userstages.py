"""Stages that a person writes, in a Python file beside the pipeline: ``uses = "my.py:clean"``."""

from __future__ import annotations

import importlib.util
import os
import sys
import traceback
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import ModuleType

from textdl.pipeline.errors import PipelineError
from textdl.pipeline.source import file_digest
from textdl.pipeline.stage import Stage
from textdl.pipeline.store.digests import digest_json


def is_user_stage(uses: str) -> bool:
    return ".py:" in uses


def load_user_stage(uses: str, folder: Path) -> Stage:
    """The stage of this name in a file in a folder or below it. Runs the file, once.

    Raises:
        PipelineError: the file can't be run, or has no such stage.
    """
    file, _, name = uses.rpartition(":")
    path = folder / PurePosixPath(file)
    if PurePosixPath(file).is_absolute() or not path.resolve().is_relative_to(folder.resolve()):
        raise PipelineError(f"{file} is not in the folder of the pipeline: put it there")
    if not path.is_file():
        raise PipelineError(f"{path}: no such file")
    try:
        source = file_digest(path.resolve())
    except SyntaxError as error:
        raise PipelineError(
            f"{error.filename or path}, line {error.lineno}: {error.msg}"
        ) from error
    stages = {
        n: s for n, s in vars(_module(path.resolve(), source)).items() if isinstance(s, Stage)
    }
    if name not in stages:
        has = f"it has {', '.join(stages)}" if stages else "it has no function marked with @stage"
        raise PipelineError(f"{path}: no stage {name!r}: {has}")
    return replace(stages[name], source=source)


def _module(path: Path, source: str) -> ModuleType:
    name = f"stages_{digest_json([str(path), source])[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    folder = str(path.parent)
    for other, module in list(sys.modules.items()):  # What it imports may have changed, too.
        if (getattr(module, "__file__", None) or "").startswith(f"{folder}{os.sep}"):
            del sys.modules[other]
    if folder not in sys.path:
        sys.path.insert(0, folder)  # as for a script; to stay, for imports within functions
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec
    assert spec.loader
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        place = f"{path}{_line(error, path)}"
        raise PipelineError(f"{place}: {type(error).__name__}: {error}") from error
    return module


def _line(error: Exception, path: Path) -> str:
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    return f", line {lines[-1]}" if lines else ""
