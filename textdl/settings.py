"""Checking the settings of a function against its signature."""

from __future__ import annotations

import builtins
import difflib
import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any, ParamSpec, TypeVar, get_type_hints

from textdl.errors import InputError

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def checked(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Have every call's arguments checked against the annotations.

    The bounds in the annotations (``Annotated[int, Ge(1)]``) are what a pipeline file is checked
    against too. A wrong value raises an InputError that names the setting; a setting that does not
    exist raises a TypeError that names the nearest, and a missing argument one like Python's own.
    """

    @functools.cache
    def validating() -> Callable[..., Result]:
        # At the first call, not when the module is imported: pydantic takes a tenth of a second.
        from pydantic import ConfigDict, validate_call

        config = ConfigDict(arbitrary_types_allowed=True, allow_inf_nan=False)
        return validate_call(config=config)(function)

    @functools.wraps(function)
    def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        if problem := unknown_setting(function, kwargs):
            raise TypeError(problem)
        try:
            return validating()(*args, **kwargs)
        except ValueError as error:
            from pydantic import ValidationError

            if not isinstance(error, ValidationError) or error.title != function.__name__:
                raise
            try:
                inspect.signature(function).bind(*args, **kwargs)
            except TypeError as misfit:
                raise TypeError(f"{function.__name__}(): {misfit}") from None
            # Of a value that may be of several types, the one that it fits furthest.
            first = max(error.errors(), key=lambda problem: len(problem["loc"]))
            place, *inner = first["loc"]
            if isinstance(place, int):
                place = list(inspect.signature(function).parameters)[place]
            where = ".".join(str(step) for step in [place, *inner] if not _names_type(step))
            message = first["msg"][:1].lower() + first["msg"][1:]
            raise InputError(
                f"{function.__name__}: {where}: {message}, not {first['input']!r}"
            ) from None

    return call


def _names_type(step: int | str) -> bool:
    """Whether a step to a wrong value says which of several types pydantic tried there."""
    return isinstance(step, str) and (not step.isidentifier() or hasattr(builtins, step))


def unknown_setting(function: Callable[..., Any], given: Iterable[str]) -> str | None:
    """What is wrong if a setting that is given does not exist, with the nearest that does."""
    names = inspect.signature(function).parameters
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in names.values()):
        return None
    for name in sorted(set(given) - names.keys()):
        near = difflib.get_close_matches(name, names)
        hint = f": did you mean {near[0]!r}?" if near else ""
        return f"{function.__name__}() has no setting {name!r}{hint}"
    return None


class Unchecked:
    """Marks an annotation, ``Annotated[..., Unchecked]``: the argument is passed on as it is."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core.core_schema import any_schema

        return any_schema()


def with_settings_of(
    settings: type[Any], **defaults: Any
) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Let a function that takes one object ``settings`` be called with its fields instead, as
    keywords beside those of the function's own.

    Args:
        settings: a dataclass.
        defaults: values of its fields that differ from its own defaults.

    If the fields may exclude each other (``__post_init__``), the function gets an attribute
    ``check_settings``, which a pipeline looks at before it runs anything.
    """

    def decorate(function: Callable[..., Result]) -> Callable[..., Result]:
        keyword = inspect.Parameter.KEYWORD_ONLY
        names = [field.name for field in fields(settings)]
        its = {field.name: field.default for field in fields(settings)} | defaults
        hints = get_type_hints(settings, include_extras=True)
        shared = [
            inspect.Parameter(name, keyword, default=its[name], annotation=hints[name])
            for name in names
        ]
        signature = inspect.signature(function)
        own = [p for name, p in signature.parameters.items() if name != "settings"]
        # Inputs, then what is the function's own, then what it shares with others.
        ordered = sorted([*own, *shared], key=lambda p: p.kind)

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Result:
            given = {name: kwargs.pop(name, its[name]) for name in names}
            return function(*args, settings=settings(**given), **kwargs)

        def check_settings(given: Mapping[str, Any]) -> None:
            made = object.__new__(settings)  # Every value has been judged for itself.
            vars(made).update({name: given.get(name, its[name]) for name in names})
            made.__post_init__()

        if hasattr(settings, "__post_init__"):
            call.check_settings = check_settings  # type: ignore[attr-defined]
        own_hints = get_type_hints(function, include_extras=True)
        del own_hints["settings"]
        call.__annotations__ = {**own_hints, **{name: hints[name] for name in names}}
        call.__signature__ = signature.replace(parameters=ordered)  # type: ignore[attr-defined]
        return call

    return decorate
