"""A pipeline file: which stages, with which settings, wired how.

::

    extends = "base.toml"           # optional: tables and settings of another file go below these

    [pipeline]                      # optional
    name = "imdb"                   # default: the file's name
    description = "…"               # for who reads the file
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
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from textdl.pipeline.errors import PipelineError, nearest
from textdl.pipeline.graph import FindStage, Node, Pipeline, listed
from textdl.pipeline.matrix import LONGEST, cells_of, choices, named_tables
from textdl.pipeline.schema import WrongSettingError
from textdl.pipeline.stage import Stage
from textdl.pipeline.tables import Table, Tables
from textdl.pipeline.userstages import is_user_stage, load_user_stage
from textdl.pipeline.wiring import check_inputs, check_types

RESERVED = ("pipeline", "defaults", "matrix", "extends")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_CELL = re.compile(_NAME.pattern + rf"(@[A-Za-z0-9._,=+-]{{1,{LONGEST}}})?")
# Names that Windows keeps for itself, in any case.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(@.*)?", re.IGNORECASE)


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

    imported: dict[str, Path] = {}

    @cache
    def find(uses: str) -> Stage:
        if is_user_stage(uses):
            return load_user_stage(uses, path.parent, imported)
        return find_stage(uses)

    nodes = _nodes(tables, defaults, find)
    names = frozenset(node.name for node in nodes)
    return Pipeline(name, nodes, path, find_stage, dict(overrides or {}), names)


def _nodes(tables: Tables, defaults: Table, find_stage: FindStage) -> tuple[Node, ...]:
    cells: dict[str, list[Node]] = {}
    for name in _in_order(tables, find_stage):
        if name in cells:
            raise tables.error("another table's matrix has a cell of this name", name)
        cells[name] = []
        for choice in choices(name, tables):
            uses = choice.pop("uses", _default_use(name))
            uses = choice["matrix"].get("uses", uses)
            stage = _find(find_stage, uses, name, tables)
            check_inputs(stage, choice, name, cells, tables)
            cells[name] += cells_of(name, stage, uses, choice, cells)
        for cell in cells[name]:
            if cell.name in cells and cell.name != name:
                raise tables.error(f"two cells are called {cell.name!r}", name, "matrix")
            cells.setdefault(cell.name, [cell])
    nodes = {cell.name: cell for some in cells.values() for cell in some}
    for node in nodes.values():
        check_types(node, nodes, tables)
    _check_defaults(defaults, nodes.values(), tables)
    return tuple(
        replace(node, settings=_settings(node, defaults, tables)) for node in nodes.values()
    )


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


def _defaults_of(node: Node, defaults: Table) -> Table:
    """What ``[defaults]`` says of a stage: of all first, then of those that use it."""
    has, own = node.stage.settings, _own_defaults(node, defaults)
    general = {key: value for key, value in defaults.items() if key in has and value is not own}
    return general | own


def _own_defaults(node: Node, defaults: Table) -> Table:
    own = defaults.get(node.uses)
    return own if isinstance(own, dict) else {}


def _check_defaults(defaults: Table, nodes: Iterable[Node], tables: Tables) -> None:
    """A default that no stage takes is a mistake."""
    settings = {key for node in nodes for key in node.stage.settings}
    known = settings | {node.uses for node in nodes}
    for key, value in defaults.items():
        if key in known - settings and not isinstance(value, dict):
            raise tables.error("is a stage: write it as { setting = value, … }", "defaults", key)
        if key not in known:
            message = f"no stage of this pipeline has such a setting{nearest(key, known)}"
            raise tables.error(message, "defaults", key)


def _settings(node: Node, defaults: Table, tables: Tables) -> Table:
    values = _defaults_of(node, defaults) | node.settings

    def wrong(message: str, key: str) -> PipelineError:
        if key in tables[node.table].get("matrix", {}):
            return tables.error(f"{key}: {message}", node.table, "matrix")
        if key in values and key not in node.settings:
            if key in _own_defaults(node, defaults):
                return tables.error(f"{key}: {message}", "defaults", node.uses)
            return tables.error(message, "defaults", key)
        return tables.error(message, node.table, key)

    try:
        return node.stage.settings.resolve(values)
    except WrongSettingError as error:
        raise wrong(error.message, error.name) from None


def _pipeline_name(tables: Tables) -> str:
    for key in tables.heading.keys() - {"name", "description", "env"}:
        raise tables.error("the pipeline has a name, a description and env only", "pipeline", key)
    name = tables.heading.get("name", tables.path.stem)
    if not isinstance(name, str) or not _NAME.fullmatch(name) or _DEVICES.fullmatch(name):
        message = f"{name!r} is no name for a pipeline: use letters, digits, '-' and '_'"
        raise tables.error(message, "pipeline", "name")
    return name
