"""The tables of a pipeline file, after what it extends, environment variables and overrides."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from textdl.pipeline.errors import PipelineError, nearest

Table = dict[str, Any]

_VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?::-([^}]*))?\}")


class Tables(dict[str, Table]):
    """Tables by name, and where in which file they stand.

    Attributes:
        path: the file.
        heading: its table ``[pipeline]``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.heading: Table = {}
        self._files: list[tuple[Path, list[str]]] = []
        self._overridden: set[tuple[str, str]] = set()
        self._read(path, [])
        allowed = self.heading.get("env", [])
        if not isinstance(allowed, list) or not all(isinstance(name, str) for name in allowed):
            raise self.error("list the names of environment variables", "pipeline", "env")
        for name, table in self.items():
            for key, value in table.items():
                table[key] = self._filled(value, allowed, name, key)

    def _read(self, path: Path, below: list[Path]) -> None:
        try:
            text = path.read_text("utf-8")
            content = tomllib.loads(text)
        except FileNotFoundError as error:
            raise PipelineError(f"{path}: no such pipeline file{_beside(path)}") from error
        except tomllib.TOMLDecodeError as error:
            raise PipelineError(f"{path}: not valid TOML: {error}") from error
        except (OSError, UnicodeDecodeError) as error:
            raise PipelineError(f"{path}: can't be read ({error})") from error
        below = [*below, path.resolve()]
        if "extends" in content:
            base = content.pop("extends")
            if not isinstance(base, str):
                raise PipelineError(f'{path}, extends: name one file: extends = "base.toml"')
            if (path.parent / base).resolve() in below:
                raise PipelineError(f"{path}, extends: {base} extends this file")
            self._read(path.parent / base, below)
        self._files.insert(0, (path, text.splitlines()))
        for name, table in content.items():
            if not isinstance(table, dict):
                raise self.error(f"{name!r} stands outside any stage's table [stage]", "", name)
        # A name is that of one file; what may be read from the environment adds up.
        heading = content.pop("pipeline", {})
        allowed = self.heading.get("env", [])
        if not isinstance(heading.get("env", []), list):
            raise self.error("list the names of environment variables", "pipeline", "env")
        self.heading = {**heading}
        if allowed:
            self.heading["env"] = [*allowed, *heading.get("env", [])]
        for name, table in content.items():
            under = self.get(name, {})
            both = [key for key in table if name == "defaults" or key in ("inputs", "matrix")]
            self[name] = {**under, **table, **_merged(both, under, table)}

    def override(self, overrides: Mapping[str, Any]) -> None:
        """Put values by ``table.key`` in place of those of the file."""
        for name, value in overrides.items():
            table, *keys = name.split(".")
            if not keys or not all([table, *keys]):
                raise PipelineError(f"--set {name}: write it as stage.setting=value")
            if table not in self and table != "defaults":
                raise PipelineError(f"--set {name}: no stage {table!r}{nearest(table, self)}")
            place = self.setdefault(table, {})
            for key in keys[:-1]:
                place[key] = dict(place[key]) if isinstance(place.get(key), dict) else {}
                place = place[key]
            place[keys[-1]] = value
            self._overridden.add((table, keys[0]))

    def error(self, message: str, table: str, key: str | None = None) -> PipelineError:
        """An error that says where in which file."""
        name = f"{table}.{key}" if table and key else table or key
        if key and (table, key) in self._overridden:
            return PipelineError(f"--set {name}: {message}")
        for wanted in (key, None):
            for path, lines in self._files:
                if line := _line(lines, table, wanted):
                    return PipelineError(f"{path}, line {line}, {name}: {message}")
        return PipelineError(f"{self.path}, {name}: {message}")

    def _filled(self, value: Any, allowed: list[str], table: str, key: str) -> Any:
        """A value with the environment's variables in it."""

        def fill(found: re.Match[str]) -> str:
            name, otherwise = found.groups()
            if name not in allowed:
                raise self.error(
                    f"${{{name}}} is not among the environment variables that the pipeline may "
                    f'read: [pipeline] env = ["{name}"]',
                    table, key,
                )  # fmt: skip
            if (text := os.environ.get(name, otherwise)) is None:
                raise self.error(f"the environment has no variable {name}: set it", table, key)
            return text

        return _mapped(lambda text: _VARIABLE.sub(fill, text).replace("$${", "${"), value)


def escaped(value: Any) -> Any:
    """What to write for a value, so that nothing in it is taken for a variable."""
    return _mapped(lambda text: text.replace("${", "$${"), value)


def _mapped(change: Callable[[str], str], value: Any) -> Any:
    """A value with its strings changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(change, inner) for inner in value]
    if isinstance(value, dict):
        return {key: _mapped(change, inner) for key, inner in value.items()}
    return value


def parse_overrides(assignments: Iterable[str]) -> dict[str, Any]:
    """``stage.setting=value`` into values: TOML if the value is TOML, else the string as it is.

    Raises:
        PipelineError: there is no ``=``.
    """
    overrides: dict[str, Any] = {}
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals:
            raise PipelineError(f"--set {assignment}: write it as stage.setting=value")
        try:
            overrides[key.strip()] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            overrides[key.strip()] = value
    return overrides


def _merged(keys: Iterable[str], below: Table, above: Table) -> Table:
    """The tables within both tables, put together."""
    return {
        key: {**below[key], **above[key]}
        for key in keys
        if isinstance(below.get(key), dict) and isinstance(above[key], dict)
    }


def _line(lines: list[str], table: str, key: str | None) -> int | None:
    """The line of a table's key, or of its heading, counted from 1."""
    current = ""
    for number, line in enumerate(lines, 1):
        if header := re.match(r"\s*\[\s*[\"']?([^\]\"']+?)[\"']?\s*\]", line):
            current = header[1]
            if current == (f"{table}.{key}" if key else table):
                return number
        match = re.match(r"\s*[\"']?([\w-]+)[\"']?\s*[=.]", line)
        if match and (current, match[1]) == ((table, key) if key else ("", table)):
            return number
    return None


def _beside(path: Path) -> str:
    if not path.parent.is_dir():
        return f", nor a folder {path.parent}"
    names = sorted(other.name for other in path.parent.glob("*.toml"))
    return f": in {path.parent} there are {', '.join(names)}" if names else ""
