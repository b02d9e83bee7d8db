"""Checks that the inputs in a pipeline file name stages, and that their results fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textdl.pipeline.errors import nearest
from textdl.pipeline.graph import Node, listed
from textdl.pipeline.stage import Input, Stage
from textdl.pipeline.tables import Table, Tables

_EXAMPLE = {False: '"…"', True: '["…", "…"]'}


def check_inputs(
    stage: Stage, choice: Table, name: str, known: Mapping[str, Any], tables: Tables
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
    if not all(map(_names_stages, from_matrix.values())):
        raise tables.error('write it as { parameter = ["stage", …], … }', name, "matrix")
    for place, some in (("inputs", wires), ("matrix", from_matrix)):
        for parameter, wire in some.items():
            _check_wire(parameters[parameter], wire, name, place, tables)
            for source in listed(wire):
                if source not in known:
                    hint = nearest(source, known)
                    message = f"no stage {source!r} for {parameter!r}{hint}"
                    raise tables.error(message, name, place)
    missing = [p for p in stage.inputs if not p.optional and p.name not in {**wires, **from_matrix}]
    if missing:
        example = ", ".join(f"{p.name} = {_EXAMPLE[p.many]}" for p in missing)
        message = f"{stage.name} needs the result of another stage: inputs = {{ {example} }}"
        raise tables.error(message, name, "inputs")


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


def check_types(node: Node, nodes: Mapping[str, Node], tables: Tables) -> None:
    """Every result is of the type that its parameter takes."""
    for parameter in node.stage.inputs:
        for source in listed(node.inputs.get(parameter.name, ())):
            made = nodes[source].stage.result
            if issubclass(made, parameter.type):
                continue
            wanted, others = parameter.type.__name__, nodes.values()
            fitting = [o.name for o in others if issubclass(o.stage.result, parameter.type)]
            hint = f": take the result of {' or '.join(fitting)}" if fitting else ""
            what = f"of {parameter.name}, each" if parameter.many else parameter.name
            message = f"{what} is a {wanted}, {source!r} makes a {made.__name__}{hint}"
            raise tables.error(message, node.table, "inputs")
