"""From tables to cells: a stage over lists of settings or inputs, and what follows from it.

::

    [textcnn]
    inputs = { corpus = "tokens" }
    matrix = { vectors = ["skipgram", "glove"], lr = [1e-3, 5e-4] }

    [evaluation]
    inputs = { corpus = "tokens", model = "textcnn" }

are four cells ``textcnn@skipgram,lr=0.001`` … and four ``evaluation@skipgram,lr=0.001`` …. A
parameter that takes one result fans out over the cells of the stage it names; one that takes
several gathers them. Two parameters of a stage that both stem from the same list take the same
value of it in each cell. A cell that is named with its ``@`` stands for itself alone.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from textdl.pipeline.graph import Axes, Node, listed
from textdl.pipeline.stage import Stage
from textdl.pipeline.store.digests import digest_json
from textdl.pipeline.tables import Table, Tables

LONGEST = 100
"""Characters in the name of a cell."""


def named_tables(table: Table, parameters: Collection[str]) -> Iterator[str]:
    """The tables or cells whose results a table takes for its stage's parameters."""
    for wires in (table.get("inputs", {}), table.get("matrix", {})):
        for parameter in wires.keys() & parameters:
            for wire in listed(wires[parameter]):
                yield from (name for name in listed(wire) if isinstance(name, str))


def choices(name: str, tables: Tables) -> Iterator[Table]:
    """A table for each combination of the values in its matrix, without a matrix.

    Raises:
        PipelineError: the matrix is none.
    """
    table = dict(tables[name])
    matrix = table.pop("matrix", {})
    if not all(isinstance(values, list) for values in matrix.values()):
        raise tables.error("write it as { setting = [value, …], … }", name, "matrix")
    for key, values in matrix.items():
        if not values or any(values.count(value) > 1 for value in values):
            raise tables.error(f"{key} needs values, each of them once", name, "matrix")
        if key in table or key in table.get("inputs", {}):
            raise tables.error(f"{key} stands in the table too: take one away", name, "matrix")
    for values in itertools.product(*matrix.values()):
        yield {**table, "matrix": dict(zip(matrix, values, strict=True))}


def cells_of(
    name: str, stage: Stage, uses: str, choice: Table, cells: Mapping[str, list[Node]]
) -> Iterator[Node]:
    """The cells of a table for one combination of its matrix.

    Args:
        choice: settings, ``inputs``, and in ``matrix`` the value of each of its keys.
        cells: those of the tables before, by table and by name.
    """
    settings = {k: v for k, v in choice.items() if k not in ("inputs", "matrix")}
    many = {parameter.name for parameter in stage.inputs if parameter.many}
    parameters = {parameter.name for parameter in stage.inputs}
    inputs, own = dict(choice.get("inputs", {})), {}
    for key, value in choice["matrix"].items():
        if key in parameters:
            inputs[key] = value
        elif key != "uses":
            settings[key] = value
        own[name, key] = _label(key, value, bare=key in parameters or key == "uses")
    single = [parameter for parameter in inputs if parameter not in many]
    for sources in itertools.product(*(cells[inputs[parameter]] for parameter in single)):
        axes = _agreed(
            [own, *(_axes(inputs[p], source) for p, source in zip(single, sources, strict=True))]
        )
        if axes is None:
            continue
        wires: dict[str, str | tuple[str, ...]] = {
            parameter: source.name for parameter, source in zip(single, sources, strict=True)
        }
        for parameter in many & inputs.keys():
            gathered = (
                cell.name
                for wire in listed(inputs[parameter])
                for cell in cells[wire]
                if _agreed([axes, _axes(wire, cell)]) is not None
            )
            wires[parameter] = tuple(dict.fromkeys(gathered))
        wires = {parameter: wires[parameter] for parameter in inputs}
        yield Node(_name(name, axes), name, stage, uses, wires, settings, axes)


def _axes(wire: str, cell: Node) -> Axes:
    """What a cell has of each list for who names its table; who names it itself, knows."""
    return cell.axes if wire == cell.table else {}


def _agreed(all_axes: Iterable[Axes]) -> Axes | None:
    """All axes together; None if two have another value of the same one."""
    together: dict[tuple[str, str], str] = {}
    for axes in all_axes:
        if any(together.get(axis, label) != label for axis, label in axes.items()):
            return None
        together.update(axes)
    return together


def _name(table: str, axes: Axes) -> str:
    """``textcnn@skipgram,lr=0.001``; a long one ends with a digest of what is cut off."""
    labels = ",".join(axes.values())
    if len(labels) > LONGEST:
        labels = f"{labels[: LONGEST - 9]}-{digest_json(labels)[:8]}"
    return f"{table}@{labels}" if labels else table


def _label(key: str, value: Any, *, bare: bool) -> str:
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, list):
        text = "+".join(_label(key, inner, bare=True) for inner in value)
    elif isinstance(value, dict):
        text = digest_json(value)[:8]
    else:
        text = re.sub(r"[^A-Za-z0-9._,=@+-]+", "-", str(value)).replace("@", ",")
    return text if bare else f"{key}={text}"
