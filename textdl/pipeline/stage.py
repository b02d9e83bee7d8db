"""What a stage is: a typed function whose signature is its schema.

Positional parameters are inputs (artifacts; ``dict[str, Vectors]`` takes several, by the names of
their tables), keyword-only parameters are settings, ``run`` is the runner's, and the result is one
artifact. A keyword ``measured`` is the runner's too: :data:`Measured`, of the inputs, which is then
part of the key::

    @stage(version=1)
    def skipgram(corpus: Corpus, *, dim: int = 100, run: StageRun) -> Vectors: ...

Artifacts are what :mod:`textdl.pipeline.artifacts` can keep.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Protocol,
    Self,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    overload,
)

from textdl.pipeline.artifacts import artifact_type
from textdl.pipeline.schema import Schema
from textdl.pipeline.source import source_digest
from textdl.pipeline.store.digests import DigestMemory
from textdl.pipeline.store.files import walk

Artifact = Any
FilesOf = Callable[[dict[str, Any]], "dict[str, Path] | None"]
Measured = Mapping[str, Mapping[str, float]]
"""What was measured when results were computed, by the names of their stages: ``seconds``, whether
the stage was ``resumed`` (then these are the seconds since), and what it measured itself with
:meth:`StageRun.measure`."""

_RUNNERS = ("run", "measured")


class Savable(Protocol):
    """What can be written to a folder and read from it.

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
        """Show that ``done`` of ``total`` units are done.

        Raises:
            Stopped: the run was asked to stop. Whoever can, writes a checkpoint, and raises again.
        """

    def note(self, text: str) -> None:
        """Write a line to the log."""

    def measure(self, **figures: float) -> None:
        """Keep figures, such as a speed, with the result but not in it: they may differ when the
        same is computed again."""


@dataclass(frozen=True)
class Input:
    """A parameter that takes an artifact, or ``many`` of one type."""

    name: str
    type: type
    optional: bool
    many: bool = False


@dataclass(frozen=True)
class Stage:
    """A function with what the runner needs to know about it."""

    name: str
    version: int
    function: Callable[..., Artifact]
    inputs: tuple[Input, ...]
    settings: Schema
    result: type
    takes_run: bool
    takes_measured: bool = False
    unkeyed: frozenset[str] = frozenset()
    files: Mapping[str, FilesOf] = field(default_factory=dict)
    sources: tuple[Callable[..., Any], ...] = ()
    source: str | None = None
    """The digest of the file it is written in, if that is part of the key."""

    def source_digest(self, memory: DigestMemory) -> str:
        """A digest of the source behind it."""
        return self.source or source_digest(self.sources, memory)

    def __call__(self, *inputs: Artifact, **settings: Any) -> Artifact:
        return self.function(*inputs, **settings)


@overload
def stage(function: Callable[..., Artifact], /) -> Stage: ...
@overload
def stage(
    *,
    version: int = 1,
    settings_of: Callable[..., Any] | None = None,
    without: Iterable[str] = (),
    unkeyed: Iterable[str] = (),
    files: Mapping[str, FilesOf] | None = None,
) -> Callable[[Callable[..., Artifact]], Stage]: ...
def stage(
    function: Callable[..., Artifact] | None = None,
    /,
    *,
    version: int = 1,
    settings_of: Callable[..., Any] | None = None,
    without: Iterable[str] = (),
    unkeyed: Iterable[str] = (),
    files: Mapping[str, FilesOf] | None = None,
) -> Any:
    """Make a :class:`Stage` of a function, as ``@stage`` or ``@stage(version=2)``.

    A setting whose type is ``Path`` names a file or a folder, whose content counts, not its place;
    it is looked for from the current folder.

    Args:
        version: raise it when the function's results change; old results are then not reused. A
            stage in a file beside the pipeline needs none: there the source counts.
        settings_of: a function whose keyword-only parameters are settings of this stage too, which
            takes them as ``**settings``. If it has an attribute ``check_settings``, a function from
            all settings, that is called before anything runs, and raises a ValueError if they
            exclude each other.
        without: those of its parameters that are no settings.
        unkeyed: settings that change how the result is computed, but not the result.
        files: further settings that name files, each with a function from all settings to the
            files: the key then holds the files' digests in place of the value, by names that say
            all of a file's place that matters. The function returns None when the value names no
            files.

    Raises:
        TypeError: results of the function's type can't be kept.
    """
    if function is None:
        return partial(
            stage, version=version, settings_of=settings_of, without=without, unkeyed=unkeyed,
            files=files,
        )  # fmt: skip
    hints = get_type_hints(function, include_extras=True)
    own = _keyword_settings(function, set(_RUNNERS))
    shared = _keyword_settings(settings_of, {*without, *own}) if settings_of else {}
    paths = {
        name: partial(_files_at, name) for name, (hint, _) in own.items() if _is_path(name, hint)
    }
    parameters = inspect.signature(function).parameters
    return Stage(
        name=function.__name__,
        version=version,
        function=function,
        inputs=tuple(
            _input(name, hints[name], parameter.default is not inspect.Parameter.empty)
            for name, parameter in parameters.items()
            if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        ),
        settings=Schema(
            function.__name__, {**own, **shared}, getattr(settings_of, "check_settings", None)
        ),
        result=_result(hints.get("return")),
        takes_run="run" in parameters,
        takes_measured="measured" in parameters,
        unkeyed=frozenset(unkeyed),
        files={**paths, **(files or {})},
        sources=(function, *([settings_of] if settings_of else [])),
    )


def _is_path(name: str, hint: Any) -> bool:
    """Whether a setting names a file or a folder.

    Raises:
        TypeError: it names one among other things.
    """
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if _without_none(hint) is Path:
        return True
    if Path in get_args(hint):
        raise TypeError(
            f"{name}: {hint} names files whose content would not count: take a Path, which may be "
            "a folder"
        )
    return False


def _files_at(setting: str, settings: dict[str, Any]) -> dict[str, Path] | None:
    if settings[setting] is None:
        return None
    path = Path(settings[setting])
    if path.is_dir():
        return dict(walk(path))
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file or folder in {Path.cwd()}")
    return {path.name: path}


def _keyword_settings(
    function: Callable[..., Any], without: set[str]
) -> dict[str, tuple[Any, Any]]:
    hints = get_type_hints(function, include_extras=True)
    return {
        name: (hints[name], parameter.default)
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and name not in without
    }


def _input(name: str, hint: Any, optional: bool) -> Input:
    kind, many = artifact_type(_without_none(hint))
    return Input(name, kind, optional, many)


def _result(hint: Any) -> type:
    kind, many = artifact_type(hint)
    if many:
        raise TypeError(
            f"{hint} can't be kept: a stage has one result. Make a stage of each, or write them "
            "into a folder of their own and return its Path"
        )
    return kind


def _without_none(hint: Any) -> Any:
    if get_origin(hint) not in (Union, UnionType):
        return hint
    options = [option for option in get_args(hint) if option is not NoneType]
    return options[0] if len(options) == 1 else hint
