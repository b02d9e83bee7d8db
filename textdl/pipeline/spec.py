"""A pipeline file: which stages, with which settings, wired how.

::

    extends = "base.toml"           # optional: tables and settings of another file go below these

    [pipeline]                      # optional
    name = "imdb"                   # default: the file's name
    env = ["REVIEWS"]               # the environment variables that strings may hold: "${REVIEWS}"

    [defaults]                      # optional: of all stages that have such a setting,
    seed = 1
    textcnn = { lr = 5e-4 }         # or of those that use one stage

    [skipgram]                      # one table a stage; its name is free
    uses = "skipgram"               # which stage, or "my.py:clean"; default: its name
    inputs = { corpus = "tokens" }  # parameter = name of the stage whose result it takes
    matrix = { window = [5, 10] }   # optional: a cell for each value; see textdl.pipeline.matrix
    dim = 300                       # everything else is a setting

A parameter that takes several results is given a list:
``inputs = { vectors = ["skipgram", "cbow"] }``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_json

from textdl.pipeline.errors import PipelineError, nearest
from textdl.pipeline.matrix import Cell, cells_of, choices, listed, named_tables
from textdl.pipeline.stage import Input, Stage
from textdl.pipeline.tables import Table, Tables, escaped
from textdl.pipeline.userstages import is_user_stage, load_user_stage

FindStage = Callable[[str], Stage]
"""From a stage's name to the stage; raises LookupError with the names there are."""

RESERVED = ("pipeline", "defaults", "matrix", "extends")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_CELL = re.compile(_NAME.pattern + r"(@[A-Za-z0-9._,=+-]+)?")
# Names that Windows keeps for itself, in any case.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(@.*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Node:
    """A stage in a pipeline.

    Attributes:
        uses: what the file calls the stage.
        table: the table it comes from, whose name it has unless it is a cell of a matrix.
        inputs: by parameter, the name of the stage whose result it takes, or several.
    """

    name: str
    stage: Stage
    inputs: dict[str, str | tuple[str, ...]]
    settings: dict[str, Any]
    uses: str = ""
    table: str = ""

    @property
    def sources(self) -> list[str]:
        """The names of all stages whose results it takes."""
        return [source for wire in self.inputs.values() for source in listed(wire)]

    def input_digests(self, digests: Mapping[str, str]) -> dict[str, Any]:
        """The digest of each input as JSON; of several, pairs of name and digest in order."""
        return {
            parameter: digests[wire]
            if isinstance(wire, str)
            else [[source, digests[source]] for source in wire]
            for parameter, wire in self.inputs.items()
        }

    def as_table(self) -> Table:
        """What a pipeline file says of it, with all settings."""
        settings = {
            name: escaped(value) for name, value in self.settings.items() if value is not None
        }
        wires = {
            p: wire if isinstance(wire, str) else list(wire) for p, wire in self.inputs.items()
        }
        return {"uses": self.uses, **({"inputs": wires} if wires else {}), **settings}


@dataclass(frozen=True)
class Pipeline:
    """Stages in an order in which they can run.

    Attributes:
        path: the file.
        find_stage: where the stages come from that are not written beside it.
        overrides: values by ``stage.setting`` that went before those of the file.
    """

    name: str
    nodes: tuple[Node, ...]
    path: Path
    find_stage: FindStage
    overrides: Mapping[str, Any] = field(default_factory=dict)

    def until(self, name: str) -> Pipeline:
        """Only the named stage, or all cells of that table, and what they need."""
        nodes = {node.name: node for node in self.nodes}
        needed: set[str] = set()
        waiting = sorted(self.named([name], "--until"))
        while waiting:
            needed.add(current := waiting.pop())
            waiting += nodes[current].sources
        return replace(self, nodes=tuple(node for node in self.nodes if node.name in needed))

    def named(self, names: Iterable[str], where: str) -> set[str]:
        """The stages of these names, and the cells of the tables of these names.

        Raises:
            PipelineError: there is none of a name.
        """
        found: set[str] = set()
        for name in names:
            these = {node.name for node in self.nodes if name in (node.name, node.table)}
            if not these:
                known = dict.fromkeys(n for node in self.nodes for n in (node.table, node.name))
                raise PipelineError(f"{where}: no stage {name!r}{nearest(name, known)}")
            found |= these
        return found

    def resolved(self) -> dict[str, Table]:
        """The tables of a file, to be put beside this one, that says the same without ``extends``,
        defaults, variables and matrices."""
        return {"pipeline": {"name": self.name}} | {n.name: n.as_table() for n in self.nodes}


def read_pipeline(
    path: Path, find_stage: FindStage, overrides: Mapping[str, Any] | None = None
) -> Pipeline:
    """Read and check a pipeline file.

    Args:
        overrides: values by ``stage.setting``, which go before those of the file.

    Raises:
        PipelineError: anything in the file or the overrides that can't be run.
    """
    tables = Tables(path)
    name = _pipeline_name(tables)
    for table in tables:
        if table in RESERVED[2:]:
            raise tables.error(f"{table!r} is a reserved name; call the stage otherwise", table)
        if not _CELL.fullmatch(table) or _DEVICES.fullmatch(table):
            raise tables.error(
                f"{table!r} is no name for a stage: use letters, digits, '-' and '_'", table
            )
    tables.override(overrides or {})
    defaults = tables.pop("defaults", {})
    if not tables:
        raise PipelineError(f"{path}: no stages. A stage is a table, such as [reviews]")

    @cache
    def find(uses: str) -> Stage:
        return load_user_stage(uses, path.parent) if is_user_stage(uses) else find_stage(uses)

    return Pipeline(name, _nodes(tables, defaults, find), path, find_stage, dict(overrides or {}))


def _nodes(tables: Tables, defaults: Table, find_stage: FindStage) -> tuple[Node, ...]:
    cells: dict[str, list[Cell]] = {}
    for name in _in_order(tables, find_stage):
        cells[name] = []
        for choice in choices(name, tables):
            uses = choice["matrix"].get("uses", choice.pop("uses", _default_use(name)))
            stage = _find(find_stage, uses, name, tables)
            _check_inputs(stage, choice, name, cells, tables)
            cells[name] += cells_of(name, stage, uses, choice, cells)
        for cell in cells[name]:
            if cell.name in cells and cell.name != name:
                raise tables.error(f"two cells are called {cell.name!r}", name, "matrix")
            cells.setdefault(cell.name, [cell])
    every = {cell.name: cell for some in cells.values() for cell in some}
    for cell in every.values():
        _check_types(cell, every, tables)
    _check_defaults(defaults, every.values(), tables)
    return tuple(
        Node(
            cell.name, cell.stage, cell.inputs,
            _settings(cell, defaults, tables),
            cell.uses, cell.table,
        )
        for cell in every.values()
    )  # fmt: skip


def _default_use(name: str) -> str:
    return name.partition("@")[0]


def _in_order(tables: Tables, find_stage: FindStage) -> list[str]:
    """The tables, those whose results are taken before those that take them."""
    wires = {}
    for name, table in tables.items():
        for key in ("inputs", "matrix"):
            if not isinstance(table.get(key, {}), dict):
                example = {"inputs": 'parameter = "stage"', "matrix": "setting = [value, …]"}[key]
                raise tables.error(f"write it as {{ {example}, … }}", name, key)
        stages = table.get("matrix", {}).get("uses", table.get("uses", _default_use(name)))
        parameters = {
            parameter.name
            for uses in listed(stages)
            for parameter in _find(find_stage, uses, name, tables).inputs
        }
        # The cell of a matrix may be named, which comes after the matrix.
        named = {
            source if source in tables else source.partition("@")[0]
            for source in named_tables(table, parameters)
        }
        wires[name] = sorted(named & tables.keys())
    try:
        return list(TopologicalSorter(wires).static_order())
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        raise tables.error(f"the stages wait for each other: {circle}", error.args[1][0]) from error


def _find(find_stage: FindStage, uses: Any, name: str, tables: Tables) -> Stage:
    if not isinstance(uses, str):
        raise tables.error("names a stage: write it as a string", name, _uses_key(tables[name]))
    try:
        return find_stage(uses)
    except PipelineError as error:
        raise tables.error(str(error), name, _uses_key(tables[name])) from error
    except LookupError as error:
        message = f"there is no stage {uses!r}{nearest(uses, error.args[0])}"
        raise tables.error(message, name, _uses_key(tables[name])) from None


def _uses_key(table: Table) -> str | None:
    """The key that says which stage a table uses, if one does."""
    if "uses" in table.get("matrix", {}):
        return "matrix"
    return "uses" if "uses" in table else None


def _check_inputs(
    stage: Stage, choice: Table, name: str, cells: Mapping[str, Any], tables: Tables
) -> None:
    parameters = {parameter.name: parameter for parameter in stage.inputs}
    wires = choice.get("inputs", {})
    if not all(map(_names_stages, wires.values())):
        raise tables.error('write it as { parameter = "stage", … }', name, "inputs")
    for parameter in wires:
        if parameter not in parameters:
            hint = nearest(parameter, parameters)
            raise tables.error(f"{stage.name} takes no input {parameter!r}{hint}", name, "inputs")
    from_matrix = {p: wire for p, wire in choice["matrix"].items() if p in parameters}
    for place, some in (("inputs", wires), ("matrix", from_matrix)):
        for parameter, wire in some.items():
            _check_wire(parameters[parameter], wire, name, place, tables)
            for source in listed(wire):
                if source not in cells:
                    hint = nearest(source, cells)
                    message = f"no stage {source!r} for {parameter!r}{hint}"
                    raise tables.error(message, name, place)
    missing = [p for p in stage.inputs if not p.optional and p.name not in {**wires, **from_matrix}]
    if missing:
        example = ", ".join(f"{p.name} = {_EXAMPLE[p.many]}" for p in missing)
        message = f"{stage.name} needs the result of another stage: inputs = {{ {example} }}"
        raise tables.error(message, name, "inputs")


_EXAMPLE = {False: '"…"', True: '["…", "…"]'}


def _check_wire(
    parameter: Input, wire: str | list[str], name: str, place: str, tables: Tables
) -> None:
    if isinstance(wire, list) and not parameter.many:
        message = f"{parameter.name} takes one stage: write {parameter.name} = {_EXAMPLE[False]}"
        raise tables.error(message, name, place)
    if not wire:
        raise tables.error(f"{parameter.name} needs at least one stage", name, place)
    for source in listed(wire):
        if isinstance(wire, list) and wire.count(source) > 1:
            raise tables.error(f"{parameter.name} lists {source!r} twice", name, place)


def _names_stages(wire: Any) -> bool:
    return isinstance(wire, str) or (
        isinstance(wire, list) and all(isinstance(source, str) for source in wire)
    )


def _check_types(cell: Cell, cells: Mapping[str, Cell], tables: Tables) -> None:
    for parameter in cell.stage.inputs:
        for source in listed(cell.inputs.get(parameter.name, ())):
            made = cells[source].stage.result
            if issubclass(made, parameter.type):
                continue
            wanted, others = parameter.type.__name__, cells.values()
            fitting = [o.name for o in others if issubclass(o.stage.result, parameter.type)]
            hint = f": take the result of {' or '.join(fitting)}" if fitting else ""
            what = f"of {parameter.name}, each" if parameter.many else parameter.name
            message = f"{what} is a {wanted}, {source!r} makes a {made.__name__}{hint}"
            raise tables.error(message, cell.table, "inputs")


def _defaults_of(cell: Cell, defaults: Table) -> Table:
    """What ``[defaults]`` says of a stage: of all first, then of those that use it."""
    has, own = cell.stage.settings.model_fields, _own_defaults(cell, defaults)
    general = {key: value for key, value in defaults.items() if key in has and value is not own}
    return general | own


def _own_defaults(cell: Cell, defaults: Table) -> Table:
    own = defaults.get(cell.uses)
    return own if isinstance(own, dict) else {}


def _check_defaults(defaults: Table, cells: Iterable[Cell], tables: Tables) -> None:
    """A default that no stage takes is a mistake."""
    known = {key for cell in cells for key in (cell.uses, *cell.stage.settings.model_fields)}
    for key in defaults:
        if key not in known:
            message = f"no stage of this pipeline has such a setting{nearest(key, known)}"
            raise tables.error(message, "defaults", key)


def _settings(cell: Cell, defaults: Table, tables: Tables) -> Table:
    stage, values = cell.stage, _defaults_of(cell, defaults) | cell.settings

    def wrong(message: str, key: str) -> PipelineError:
        if key in tables[cell.table].get("matrix", {}):
            return tables.error(f"{key}: {message}", cell.table, "matrix")
        if key in values and key not in cell.settings:
            if key in _own_defaults(cell, defaults):
                return tables.error(f"{key}: {message}", "defaults", cell.uses)
            return tables.error(message, "defaults", key)
        return tables.error(message, cell.table, key)

    for key, value in values.items():
        if not _plain(value):
            raise wrong(f"write a string, number, boolean or list of them, not {value!r}", key)
    try:
        # By way of JSON, where strictness still lets a list be a tuple.
        model = stage.settings.model_validate_json(to_json(values))
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0]) if first["loc"] else ""
        if first["type"] == "extra_forbidden":
            message = f"{stage.name} has no such setting{nearest(key, stage.settings.model_fields)}"
        elif first["type"] == "missing":
            message = f"{stage.name} needs this setting"
        else:
            message = f"{first['msg'][:1].lower()}{first['msg'][1:]}, not {values.get(key)!r}"
        raise wrong(message, key) from None
    resolved: Table = model.model_dump(mode="json")
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


def _pipeline_name(tables: Tables) -> str:
    for key in tables.heading.keys() - {"name", "description", "env"}:
        raise tables.error("the pipeline has a name, a description and env only", "pipeline", key)
    name = tables.heading.get("name", tables.path.stem)
    if not isinstance(name, str) or not _NAME.fullmatch(name) or _DEVICES.fullmatch(name):
        message = f"{name!r} is no name for a pipeline: use letters, digits, '-' and '_'"
        raise tables.error(message, "pipeline", "name")
    return name
