"""Stages that a person writes, in a Python file beside the pipeline: ``uses = "my.py:clean"``."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import ModuleType

from textdl.pipeline.errors import PipelineError
from textdl.pipeline.source import file_digest
from textdl.pipeline.stage import Stage
from textdl.pipeline.store.digests import digest_json


def is_user_stage(uses: str) -> bool:
    return ".py:" in uses


def load_user_stage(uses: str, folder: Path, imported: dict[str, Path]) -> Stage:
    """The stage of this name in a file in a folder or below it. Runs the file, once.

    Args:
        imported: the files of the modules that the pipeline's stages before import; those of this
            one are added.

    Raises:
        PipelineError: the file can't be run, has no such stage, or imports another module of a name
            than a stage before.
    """
    file, _, name = uses.rpartition(":")
    path = folder / PurePosixPath(file)
    if PurePosixPath(file).is_absolute() or not path.resolve().is_relative_to(folder.resolve()):
        raise PipelineError(f"{file} is not in the folder of the pipeline: put it there")
    if not path.is_file():
        raise PipelineError(f"{path}: no such file")
    try:
        source, files = file_digest(path.resolve())
    except SyntaxError as error:
        raise PipelineError(
            f"{error.filename or path}, line {error.lineno}: {error.msg}"
        ) from error
    for imports, place in files.items():
        if (other := imported.setdefault(imports, place)) != place:
            raise PipelineError(
                f"{path} imports {place}, and another stage imports {other}: Python knows one "
                f"module called {imports!r}, so rename one of them"
            )
    module = _module(path.resolve(), source, files)
    stages = {n: s for n, s in vars(module).items() if isinstance(s, Stage)}
    if name not in stages:
        has = f"it has {', '.join(stages)}" if stages else "it has no function marked with @stage"
        raise PipelineError(f"{path}: no stage {name!r}: {has}")
    return replace(stages[name], source=source)


def _module(path: Path, source: str, files: Mapping[str, Path]) -> ModuleType:
    name = f"stages_{digest_json([str(path), source])[:16]}"
    known, own = sys.modules.get(name), __name__.partition(".")[0]
    for imports, file in files.items():  # may have changed, or be that of another pipeline
        elsewhere = getattr(sys.modules.get(imports), "__file__", None) != str(file)
        if (not known or elsewhere) and imports.partition(".")[0] != own:
            sys.modules.pop(imports, None)
    folder = str(path.parent)
    if folder in sys.path:
        sys.path.remove(folder)
    sys.path.insert(0, folder)  # as for a script; to stay, for imports within functions
    if known:
        return known
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
