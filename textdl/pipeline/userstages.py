"""Stages that a person writes, in a Python file beside the pipeline: ``uses = "my.py:clean"``."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Iterable
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
        source, imported = file_digest(path.resolve())
    except SyntaxError as error:
        raise PipelineError(
            f"{error.filename or path}, line {error.lineno}: {error.msg}"
        ) from error
    for imports, place in imported.items():
        other = _IMPORTED.setdefault(folder.resolve(), {}).setdefault(imports, place)
        if other != place and other.exists():
            raise PipelineError(
                f"{path} imports {place}, and another stage imports {other}: Python knows one "
                f"module called {imports!r}, so rename one of them"
            )
    module = _module(path.resolve(), source, imported)
    stages = {n: s for n, s in vars(module).items() if isinstance(s, Stage)}
    if name not in stages:
        has = f"it has {', '.join(stages)}" if stages else "it has no function marked with @stage"
        raise PipelineError(f"{path}: no stage {name!r}: {has}")
    return replace(stages[name], source=source)


_IMPORTED: dict[Path, dict[str, Path]] = {}
"""By the folder of a pipeline, the files of the modules that its stages import."""


def _module(path: Path, source: str, imported: Iterable[str]) -> ModuleType:
    name = f"stages_{digest_json([str(path), source])[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    own = __name__.partition(".")[0]
    for other in imported:  # may have changed since, or be that of another pipeline
        if other.partition(".")[0] != own:
            sys.modules.pop(other, None)
    folder = str(path.parent)
    if folder in sys.path:
        sys.path.remove(folder)
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
