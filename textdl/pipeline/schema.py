"""The settings of a stage: what they are called, which values they may have, and which they have
if none is given.

pydantic judges values, by way of JSON, where strictness still lets a list be a tuple. Importing it
takes longer than all else that a cached run does, so it is not asked about what is right beyond
doubt, such as 300 for an ``Annotated[int, Ge(1)]``.
"""

from __future__ import annotations

import json
import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from inspect import Parameter
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from textdl.pipeline.errors import PipelineError, nearest

if TYPE_CHECKING:
    from pydantic import BaseModel


class WrongSettingError(ValueError):
    """A setting that there is not, is missing, or has a wrong value.

    Attributes:
        name: of the setting.
        message: what is wrong with it.
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name, self.message = name, message


@dataclass(frozen=True)
class Schema(Mapping[str, tuple[Any, Any]]):
    """By the name of each setting its type and its default, ``Parameter.empty`` if it has none.

    Attributes:
        stage: whose settings they are, for messages.
        check: raises a ValueError if settings, each of them right, exclude each other; its message
            begins with the name of one.
    """

    stage: str
    types: dict[str, tuple[Any, Any]]
    check: Callable[[Mapping[str, Any]], None] | None = None

    def __getitem__(self, name: str) -> tuple[Any, Any]:
        return self.types[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.types)

    def __len__(self) -> int:
        return len(self.types)

    def resolve(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """All settings, as they stand in JSON.

        Args:
            values: those that are given, as JSON has them.

        Raises:
            WrongSettingError: one of them can't be what it is.
            PipelineError: the type of a setting is none that JSON can be read as.
        """
        resolved = self._resolve(values)
        if self.check:
            try:
                self.check(resolved)
            except ValueError as error:
                raise WrongSettingError(str(error).partition(" ")[0], str(error)) from None
        return resolved

    def _resolve(self, values: Mapping[str, Any]) -> dict[str, Any]:
        for name, value in values.items():
            if not _writable(value):
                message = f"write a string, number, boolean or list of them, not {value!r}"
                raise WrongSettingError(name, message)
        if values.keys() <= self.keys():
            plain = {
                name: values[name] if name in values else _listed(default)
                for name, (_, default) in self.items()
            }
            if all(_is(plain[name], hint) for name, (hint, _) in self.items()):
                return plain
        return self._judge(values)

    def load(self, resolved: Mapping[str, Any]) -> dict[str, Any]:
        """What the stage's function takes, from what :meth:`resolve` returned."""
        if all(
            _is(resolved[n], hint) and type(resolved[n]) is not list
            for n, (hint, _) in self.items()
        ):
            return dict(resolved)
        model = self._model.model_validate(resolved, strict=False)
        return {name: getattr(model, name) for name in self}

    @cached_property
    def _model(self) -> type[BaseModel]:
        from pydantic import ConfigDict, PydanticUserError, create_model

        fields: dict[str, Any] = {
            name: (hint, ... if default is Parameter.empty else default)
            for name, (hint, default) in self.items()
        }
        config = ConfigDict(
            extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=()
        )
        try:
            return create_model(f"{self.stage} settings", __config__=config, **fields)
        except PydanticUserError as error:
            reason = error.message.partition(".")[0]
            raise PipelineError(
                f"{self.stage}: no setting can be of such a type: {reason}"
            ) from error

    def _judge(self, values: Mapping[str, Any]) -> dict[str, Any]:
        from pydantic import ValidationError

        try:
            model = self._model.model_validate_json(json.dumps(values))
        except ValidationError as error:
            # Of a value that may be of several types, the one that it fits furthest.
            first = max(error.errors(), key=lambda problem: len(problem["loc"]))
            name = str(first["loc"][0]) if first["loc"] else ""
            if first["type"] == "extra_forbidden":
                message = f"{self.stage} has no such setting{nearest(name, self)}"
            elif first["type"] == "missing":
                message = f"{self.stage} needs this setting"
            else:
                message = f"{first['msg'][:1].lower()}{first['msg'][1:]}, not {values.get(name)!r}"
            raise WrongSettingError(name, message) from None
        resolved: dict[str, Any] = model.model_dump(mode="json")
        try:
            self.load(resolved)
        except ValidationError as error:
            name = str(error.errors()[0]["loc"][0])
            default = self[name][1]
            raise WrongSettingError(
                name, f"its default {default!r} is none of its values: give another"
            ) from None
        return resolved


def _writable(value: Any) -> bool:
    """Whether a value can stand in a pipeline file and in JSON."""
    if isinstance(value, str):
        return value.isascii() or not re.search("[\ud800-\udfff]", value)
    if isinstance(value, list | tuple):
        return all(map(_writable, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) and _writable(inner) for key, inner in value.items())
    return value is None or type(value) in (bool, int, float)


def _is(value: Any, hint: Any) -> bool:
    """Whether a value is of a type without a doubt; if not, pydantic knows."""
    kind = get_origin(hint) or hint
    if kind is Annotated:
        kind, *marks = get_args(hint)
        return _is(value, kind) and all(_within(value, mark) for mark in marks)
    if kind in (Union, UnionType):
        return any(_is(value, option) for option in get_args(hint))
    if kind is Literal:
        return any(type(value) is type(one) and value == one for one in get_args(hint))
    if kind in (list, tuple):
        inner = [option for option in get_args(hint) if option is not ...]
        return (
            isinstance(value, list)
            and len(inner) == 1
            and (kind is list or get_args(hint)[-1] is ...)
            and all(_is(one, inner[0]) for one in value)
        )
    if kind is float:
        return type(value) is float and math.isfinite(value)
    return kind in (bool, int, str, NoneType) and type(value) is kind


def _within(value: Any, mark: Any) -> bool:
    from annotated_types import Ge, Gt, Le, Lt

    if type(mark) not in (Ge, Gt, Le, Lt) or type(value) not in (int, float):
        return False
    name = type(mark).__name__.lower()
    return bool(getattr(operator, name)(value, getattr(mark, name)))


def _listed(value: Any) -> Any:
    return list(map(_listed, value)) if isinstance(value, tuple) else value
