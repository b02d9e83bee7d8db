"""How results lie in folders: as they say themselves, with ``save`` and ``load``, or for ordinary
values

========================================== =================================
dict, list, str, int, float, bool          ``value.json``
NumPy array, without objects               ``array.npy``
pandas DataFrame                           ``table.parquet``
Path of a file or folder                   a copy of it, under its name
========================================== =================================
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args, get_origin

JSON = (dict, list, str, int, float, bool)


def artifact_type(hint: Any) -> tuple[type, bool]:
    """The class that a hint names, and whether it is a dict of several results of that class.

    Raises:
        TypeError: results of this type can't be kept.
    """
    kind, many = get_origin(hint) or hint, False
    if kind is dict and get_args(hint):
        kind, many = _kind(get_args(hint)[1], dict)
    if not isinstance(kind, type) or not (_savable(kind) or _format(kind)):
        name = getattr(hint, "__name__", hint)
        raise TypeError(
            f"{name} can't be kept: use dict, list, str, int, float, bool, numpy.ndarray, "
            "pandas.DataFrame, pathlib.Path, or a class with save(folder) and load(folder)"
        )
    return kind, many


def save_artifact(value: Any, kind: type, folder: Path) -> None:
    """Write a stage's result.

    Raises:
        TypeError: the stage promised another type.
    """
    if _savable(kind):
        value.save(folder)
        return
    if not isinstance(value, kind) and not (kind is float and isinstance(value, int)):
        raise TypeError(f"it returned a {type(value).__name__}, and promised a {kind.__name__}")
    _FORMATS[_format(kind)][0](value, folder)


def load_artifact(kind: Any, folder: Path) -> Any:
    """Read a result from its folder."""
    return kind.load(folder) if _savable(kind) else _FORMATS[_format(kind)][1](folder)


def _kind(inner: Any, outer: type) -> tuple[type, bool]:
    many = isinstance(inner, type) and (
        _savable(inner) or _format(inner) in ("array", "table", "path")
    )
    return (inner, True) if many else (outer, False)


def _savable(kind: Any) -> bool:
    return hasattr(kind, "save") and hasattr(kind, "load")


def _format(kind: type) -> str:
    # By name, so that nobody imports pandas who has no use for it.
    name = f"{kind.__module__.split('.')[0]}.{kind.__name__}"
    if name in ("numpy.ndarray", "pandas.DataFrame"):
        return "array" if kind.__name__ == "ndarray" else "table"
    if issubclass(kind, Path):
        return "path"
    return "json" if kind in JSON else ""


def _save_json(value: Any, folder: Path) -> None:
    _check_keys(value)
    text = json.dumps(value, ensure_ascii=False, allow_nan=True, indent=1)
    (folder / "value.json").write_text(text, "utf-8")


def _check_keys(value: Any) -> None:
    """JSON would make strings of all keys."""
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"{key!r} is a key of a dict, which may have only strings as keys")
        value = list(value.values())
    for inner in value if isinstance(value, list | tuple) else ():
        _check_keys(inner)


def _load_json(folder: Path) -> Any:
    return json.loads((folder / "value.json").read_text("utf-8"))


def _save_array(value: Any, folder: Path) -> None:
    import numpy as np

    np.save(folder / "array.npy", value, allow_pickle=False)


def _load_array(folder: Path) -> Any:
    import numpy as np

    return np.load(folder / "array.npy", mmap_mode="r", allow_pickle=False)


def _save_table(value: Any, folder: Path) -> None:
    value.to_parquet(folder / "table.parquet")


def _load_table(folder: Path) -> Any:
    import pandas as pd

    return pd.read_parquet(folder / "table.parquet")


def _save_path(value: Path, folder: Path) -> None:
    if value.parent.resolve() == folder.resolve() and len(list(folder.iterdir())) == 1:
        return
    if value.resolve().is_relative_to(folder.resolve()):
        raise TypeError(
            "it returned a part of its output, which must be all of it: write one file or folder "
            "into it, and return that"
        )
    copy = shutil.copytree if value.is_dir() else shutil.copyfile
    copy(value, folder / value.name)


def _load_path(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


_FORMATS: dict[str, tuple[Callable[[Any, Path], None], Callable[[Path], Any]]] = {
    "json": (_save_json, _load_json),
    "array": (_save_array, _load_array),
    "table": (_save_table, _load_table),
    "path": (_save_path, _load_path),
}
