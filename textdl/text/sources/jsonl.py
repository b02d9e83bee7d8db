"""JSONL: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from textdl.errors import InputError
from textdl.text.sources.reading import lines

TYPES = {str: "string", bool: "true or false", int: "int", float: "float", list: "list"}


class JsonTable:
    """A file of JSON objects, plain or compressed.

    The columns are the keys of the first 100 objects. A key that an object lacks is null there.

    Args:
        path: the file.

    Raises:
        InputError: the first lines hold no JSON objects.
    """

    unit = "line"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.where = str(path)
        self.class_names: dict[str, list[str]] = {}
        self.columns: dict[str, str] = {}
        for _, item in islice(self._objects(), 100):
            for key, value in item.items():
                if self.columns.get(key, "null") == "null":
                    self.columns[key] = (
                        "null" if value is None else TYPES.get(type(value), "object")
                    )

    def rows(self, names: list[str]) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """The line of each object, and its values under some keys.

        Raises:
            InputError: a line holds no JSON object.
        """
        for line, item in self._objects():
            yield line, tuple(item.get(name) for name in names)

    def _objects(self) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, line in enumerate(lines(self.path), 1):
            if not (text := line.rstrip()):
                continue
            try:
                item = json.loads(text)
            except (ValueError, RecursionError) as error:
                reason = getattr(error, "msg", str(error))
                column = getattr(error, "colno", 1)
                raise InputError(
                    f"{self.path}, line {number}, column {column}: this is not JSON ({reason}). "
                    "Each line must hold one complete JSON object."
                ) from error
            if not isinstance(item, dict):
                raise InputError(
                    f"{self.path}, line {number}: this is a JSON {type(item).__name__} and no "
                    'object. Each line must hold one object, such as {"text": "…", "label": 1}.'
                )
            yield number, item
