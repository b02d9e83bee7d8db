"""What a stage is: a typed function whose signature is its schema.

Positional parameters are inputs (artifacts; ``dict[str, Vectors]`` takes several, by the names of
their tables), keyword-only parameters are settings, ``run`` is the runner's, and the result is one
artifact. A keyword ``measured`` is the runner's too: :data:`Measured`, of the inputs, which is then
part of the key::

    @stage(version=1)
    def skipgram(corpus: Corpus, *, dim: int = 100, run: StageRun) -> Vectors: ...
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model

Artifact = Any
FilesOf = Callable[[dict[str, Any]], "dict[str, Path] | None"]
Measured = Mapping[str, Mapping[str, float]]
"""What was measured when results were computed, by the names of their stages: ``seconds``, whether
the stage was ``resumed`` (then these are the seconds since), and what it measured itself with
:meth:`StageRun.measure`."""

_RUNNERS = ("run", "measured")


class Savable(Protocol):
    """What a stage may return: something that can be written to a folder and read from it.

    An attribute ``info`` (a dict of JSON), if there is one, goes into the manifest.
    """

    def save(self, folder: Path) -> None: ...

    @classmethod
    def load(cls, folder: Path) -> Self: ...


class StageRun(Protocol):
    """What the runner gives to a stage that asks for it with a parameter ``run``."""

    output: Path
    """A temporary folder that becomes the artifact. A large result is best written right here;
    ``save`` is then called with the same folder."""

    checkpoints: Path
    """A folder that belongs to the stage's key, survives a killed process, and goes when the stage
    is done."""

    def update(self, done: float, total: float, unit: str, **facts: float) -> None:
        """Show that ``done`` of ``total`` units are done."""

    def note(self, text: str) -> None:
        """Write a line to the log."""

    def measure(self, **figures: float) -> None:
        """Keep figures, such as a speed, with the result but not in it: they may differ when the
        same is computed again."""


@dataclass(frozen=True)
class Input:
    """A parameter that takes an artifact, or ``many`` of one type."""

    name: str
    type: type[Savable]
    optional: bool
    many: bool = False


@dataclass(frozen=True)
class Stage:
    """A function with what the runner needs to know about it."""

    name: str
    version: int
    function: Callable[..., Artifact]
    inputs: tuple[Input, ...]
    settings: type[BaseModel]
    result: type[Savable]
    takes_run: bool
    takes_measured: bool = False
    unkeyed: frozenset[str] = frozenset()
    files: Mapping[str, FilesOf] = field(default_factory=dict)
    sources: tuple[Callable[..., Any], ...] = ()

    def __call__(self, *inputs: Artifact, **settings: Any) -> Artifact:
        return self.function(*inputs, **settings)


def stage(
    *,
    version: int,
    settings_of: Callable[..., Any] | None = None,
    without: Iterable[str] = (),
    unkeyed: Iterable[str] = (),
    files: Mapping[str, FilesOf] | None = None,
) -> Callable[[Callable[..., Artifact]], Stage]:
    """Make a stage of a function.

    Args:
        version: raise it when the function's results change; old results are then not reused.
        settings_of: a function whose keyword-only parameters are settings of this stage too, which
            takes them as ``**settings``.
        without: those of its parameters that are no settings.
        unkeyed: settings that change how the result is computed, but not the result.
        files: settings that name files, each with a function from all settings to the files: the
            key then holds the files' digests in place of the value, by names that say all of a
            file's place that matters. The function returns None when the value names no files.
    """

    def decorate(function: Callable[..., Artifact]) -> Stage:
        hints = get_type_hints(function, include_extras=True)
        parameters = inspect.signature(function).parameters
        own = {
            name: (hints[name], parameter.default)
            for name, parameter in parameters.items()
            if parameter.kind is parameter.KEYWORD_ONLY and name not in _RUNNERS
        }
        shared = _keyword_settings(settings_of, {*without, *own}) if settings_of else {}
        fields: dict[str, Any] = {
            name: (hint, ... if default is inspect.Parameter.empty else default)
            for name, (hint, default) in {**own, **shared}.items()
        }
        return Stage(
            name=function.__name__,
            version=version,
            function=function,
            inputs=tuple(
                _input(name, hints[name], parameter.default is not inspect.Parameter.empty)
                for name, parameter in parameters.items()
                if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
            ),
            settings=create_model(
                f"{function.__name__} settings",
                __config__=ConfigDict(
                    extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=()
                ),
                **fields,
            ),
            result=hints["return"],
            takes_run="run" in parameters,
            takes_measured="measured" in parameters,
            unkeyed=frozenset(unkeyed),
            files=dict(files or {}),
            sources=(function, *([settings_of] if settings_of else [])),
        )

    return decorate


def _keyword_settings(function: Callable[..., Any], without: set[str]) -> dict[str, Any]:
    hints = get_type_hints(function, include_extras=True)
    return {
        name: (hints[name], parameter.default)
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and name not in without
    }


def _input(name: str, hint: Any, optional: bool) -> Input:
    hint = _without_none(hint)
    many = get_origin(hint) is dict
    return Input(name, get_args(hint)[1] if many else hint, optional, many)


def _without_none(hint: Any) -> Any:
    options = [option for option in get_args(hint) if option is not type(None)]
    return options[0] if len(options) == 1 else hint
