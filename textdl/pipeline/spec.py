"""A pipeline file: which stages, with which settings, wired how.

::

    [pipeline]                      # optional
    name = "imdb"                   # default: the file's name

    [skipgram]                      # one table a stage; its name is free
    uses = "skipgram"               # which stage it is; default: its name
    inputs = { corpus = "tokens" }  # parameter = name of the stage whose result it takes
    dim = 300                       # everything else is a setting

A parameter that takes several results is given a list:
``inputs = { vectors = ["skipgram", "cbow"] }``.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_json

from textdl.pipeline.errors import PipelineError
from textdl.pipeline.stage import Input, Stage

FindStage = Callable[[str], Stage]
"""From a stage's name to the stage; raises LookupError with the names there are."""

RESERVED = ("pipeline", "defaults", "matrix", "extends")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Node:
    """A stage in a pipeline.

    Attributes:
        inputs: by parameter, the name of the stage whose result it takes, or several.
    """

    name: str
    stage: Stage
    inputs: dict[str, str | tuple[str, ...]]
    settings: dict[str, Any]

    @property
    def sources(self) -> list[str]:
        """The names of all stages whose results it takes."""
        return [source for wire in self.inputs.values() for source in _listed(wire)]

    def input_digests(self, digests: Mapping[str, str]) -> dict[str, Any]:
        """The digest of each input as JSON; of several, pairs of name and digest in order."""
        return {
            parameter: digests[wire]
            if isinstance(wire, str)
            else [[source, digests[source]] for source in wire]
            for parameter, wire in self.inputs.items()
        }


@dataclass(frozen=True)
class Pipeline:
    """Stages in an order in which they can run."""

    name: str
    nodes: tuple[Node, ...]

    def until(self, name: str) -> Pipeline:
        """Only the named stage and what it needs."""
        nodes = {node.name: node for node in self.nodes}
        check_names([name], nodes, "--until")
        needed, waiting = set(), [name]
        while waiting:
            needed.add(current := waiting.pop())
            waiting += nodes[current].sources
        return Pipeline(self.name, tuple(node for node in self.nodes if node.name in needed))


def read_pipeline(
    path: Path, find_stage: FindStage, overrides: Mapping[str, Any] | None = None
) -> Pipeline:
    """Read and check a pipeline file.

    Args:
        overrides: values by ``stage.setting``, which go before those of the file.

    Raises:
        PipelineError: anything in the file or the overrides that can't be run.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        raise PipelineError(f"{path}: no such pipeline file{_beside(path)}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise PipelineError(f"{path}: can't be read ({error})") from error
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PipelineError(f"{path}: not valid TOML: {error}") from error
    where = _Where(path, text)
    heading = tables.pop("pipeline", {})
    name = _pipeline_name(heading, where)
    for table, content in tables.items():
        if table in RESERVED:
            raise where.error(f"{table!r} is a reserved name; call the stage otherwise", table)
        if not isinstance(content, dict):
            raise where.error(f"{table!r} stands outside any stage's table [stage]", "", table)
        if not _NAME.fullmatch(table):
            raise where.error(
                f"{table!r} is no name for a stage: use letters, digits, '-' and '_'", table
            )
    if not tables:
        raise PipelineError(f"{path}: no stages. A stage is a table, such as [reviews]")
    for key, value in (overrides or {}).items():
        table, dot, setting = key.partition(".")
        if not dot:
            raise PipelineError(f"--set {key}: write it as stage.setting=value")
        check_names([table], tables, f"--set {key}")
        tables[table][setting] = value
        where.overridden.add((table, setting))
    return Pipeline(name, _nodes(tables, find_stage, where))


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


def check_names(names: Iterable[str], known: Iterable[str], where: str) -> None:
    """Raise a PipelineError for a name that is not known, naming the nearest that is."""
    for name in names:
        if name not in set(known):
            raise PipelineError(f"{where}: no stage {name!r}{_nearest(name, known)}")


class _Where:
    """Turns a table and a key into a place in the file."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.lines = text.splitlines()
        self.overridden: set[tuple[str, str]] = set()

    def error(self, message: str, table: str, key: str | None = None) -> PipelineError:
        name = f"{table}.{key}" if table and key else table or key
        if (table, key) in self.overridden:
            return PipelineError(f"--set {name}: {message}")
        line = self._line(table, key)
        return PipelineError(f"{self.path}{f', line {line}' if line else ''}, {name}: {message}")

    def _line(self, table: str, key: str | None) -> int | None:
        current, heading = "", None
        for number, line in enumerate(self.lines, 1):
            if header := re.match(r"\s*\[\s*[\"']?([^\]\"']+?)[\"']?\s*\]", line):
                current = header[1]
                if current == table:
                    heading = number
            elif (
                key and current == table and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line)
            ):
                return number
        return heading


def _nodes(tables: dict[str, Any], find_stage: FindStage, where: _Where) -> tuple[Node, ...]:
    nodes: dict[str, Node] = {}
    for name, table in tables.items():
        settings = dict(table)
        stage = _find(find_stage, settings.pop("uses", name), name, where)
        inputs = _inputs(stage, settings.pop("inputs", {}), name, tables, where)
        nodes[name] = Node(name, stage, inputs, _settings(stage, settings, name, where))
    try:
        order = TopologicalSorter(
            {name: node.sources for name, node in nodes.items()}
        ).static_order()
        ordered = tuple(nodes[name] for name in order)
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        raise where.error(f"the stages wait for each other: {circle}", error.args[1][0]) from error
    for node in ordered:
        _check_types(node, nodes, where)
    return ordered


def _find(find_stage: FindStage, uses: Any, name: str, where: _Where) -> Stage:
    if not isinstance(uses, str):
        raise where.error("names a stage: write it as a string", name, "uses")
    try:
        return find_stage(uses)
    except LookupError as error:
        names = error.args[0]
        message = f"there is no stage {uses!r}{_nearest(uses, names)}"
        raise where.error(message, name, "uses" if uses != name else None) from None


def _inputs(
    stage: Stage, wires: Any, name: str, tables: Mapping[str, Any], where: _Where
) -> dict[str, str | tuple[str, ...]]:
    if not isinstance(wires, dict) or not all(map(_names_stages, wires.values())):
        raise where.error('write it as { parameter = "stage", … }', name, "inputs")
    parameters = {parameter.name: parameter for parameter in stage.inputs}
    for parameter, wire in wires.items():
        if parameter not in parameters:
            hint = _nearest(parameter, parameters)
            raise where.error(f"{stage.name} takes no input {parameter!r}{hint}", name, "inputs")
        _check_wire(parameters[parameter], wire, name, where)
        for source in _listed(wire):
            if source not in tables:
                hint = _nearest(source, tables)
                raise where.error(f"no stage {source!r} for {parameter!r}{hint}", name, "inputs")
    missing = [p for p in stage.inputs if not p.optional and p.name not in wires]
    if missing:
        example = ", ".join(f"{p.name} = {_EXAMPLE[p.many]}" for p in missing)
        message = f"{stage.name} needs the result of another stage: inputs = {{ {example} }}"
        raise where.error(message, name, "inputs")
    return {p: wire if isinstance(wire, str) else tuple(wire) for p, wire in wires.items()}


_EXAMPLE = {False: '"…"', True: '["…", "…"]'}


def _check_wire(parameter: Input, wire: str | list[str], name: str, where: _Where) -> None:
    if isinstance(wire, list) != parameter.many:
        how = "a list of stages" if parameter.many else "one stage"
        example = f"{parameter.name} = {_EXAMPLE[parameter.many]}"
        raise where.error(f"{parameter.name} takes {how}: write {example}", name, "inputs")
    if not wire:
        raise where.error(f"{parameter.name} needs at least one stage", name, "inputs")
    for source in wire if isinstance(wire, list) else ():
        if wire.count(source) > 1:
            raise where.error(f"{parameter.name} lists {source!r} twice", name, "inputs")


def _names_stages(wire: Any) -> bool:
    return isinstance(wire, str) or (
        isinstance(wire, list) and all(isinstance(source, str) for source in wire)
    )


def _listed(wire: str | Iterable[str]) -> tuple[str, ...]:
    return (wire,) if isinstance(wire, str) else tuple(wire)


def _check_types(node: Node, nodes: Mapping[str, Node], where: _Where) -> None:
    for parameter in node.stage.inputs:
        for source in _listed(node.inputs.get(parameter.name, ())):
            made = nodes[source].stage.result
            if issubclass(made, parameter.type):
                continue
            wanted, others = parameter.type.__name__, nodes.values()
            fitting = [o.name for o in others if issubclass(o.stage.result, parameter.type)]
            hint = f": take the result of {' or '.join(fitting)}" if fitting else ""
            what = f"of {parameter.name}, each" if parameter.many else parameter.name
            message = f"{what} is a {wanted}, {source!r} makes a {made.__name__}{hint}"
            raise where.error(message, node.name, "inputs")


def _settings(stage: Stage, values: dict[str, Any], name: str, where: _Where) -> dict[str, Any]:
    for key, value in values.items():
        if not _plain(value):
            message = f"write a string, number, boolean or list of them, not {value!r}"
            raise where.error(message, name, key)
    try:
        # By way of JSON, where strictness still lets a list be a tuple.
        model = stage.settings.model_validate_json(to_json(values))
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0]) if first["loc"] else ""
        if first["type"] == "extra_forbidden":
            message = (
                f"{stage.name} has no such setting{_nearest(key, stage.settings.model_fields)}"
            )
        elif first["type"] == "missing":
            message = f"{stage.name} needs this setting"
        else:
            message = f"{_lower_first(first['msg'])}, not {values.get(key)!r}"
        raise where.error(message, name, key) from None
    resolved: dict[str, Any] = model.model_dump(mode="json")
    return resolved


def _plain(value: Any) -> bool:
    """Whether a value can stand in JSON as it is."""
    if isinstance(value, str):
        return value.isascii() or not re.search("[\ud800-\udfff]", value)
    if isinstance(value, list | tuple):
        return all(map(_plain, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) and _plain(inner) for key, inner in value.items())
    return value is None or type(value) in (bool, int, float)


def _pipeline_name(heading: Any, where: _Where) -> str:
    if not isinstance(heading, dict):
        raise where.error("write it as a table [pipeline]", "", "pipeline")
    for key in heading.keys() - {"name", "description"}:
        raise where.error("the pipeline has a name and a description only", "pipeline", key)
    name = heading.get("name", where.path.stem)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        message = f"{name!r} is no name for a pipeline: use letters, digits, '-' and '_'"
        raise where.error(message, "pipeline", "name")
    return name


def _nearest(name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    listed = ", ".join(names)
    return f": did you mean {near[0]!r}?" if near else f": there are {listed}" if names else ""


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _beside(path: Path) -> str:
    if not path.parent.is_dir():
        return f", nor a folder {path.parent}"
    names = sorted(other.name for other in path.parent.glob("*.toml"))
    return f": in {path.parent} there are {', '.join(names)}" if names else ""
