"""A checked pipeline: stages with their settings, wired together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from textdl.pipeline.errors import PipelineError, nearest
from textdl.pipeline.stage import Stage
from textdl.pipeline.tables import Table, escaped

FindStage = Callable[[str], Stage]
"""From a stage's name to the stage; raises LookupError with the names there are."""
Axes = Mapping[tuple[str, str], str]
"""What a stage has of each list in a matrix, by table and key: a label."""


def listed(wire: Any) -> tuple[Any, ...]:
    """What stands in a list, or alone."""
    return tuple(wire) if isinstance(wire, list | tuple) else (wire,)


@dataclass(frozen=True)
class Node:
    """A stage in a pipeline.

    Attributes:
        name: its table's; of a cell of a matrix, with ``@`` and labels.
        table: the table it comes from.
        uses: what the file calls the stage.
        inputs: by parameter, the name of the node whose result it takes, or several.
        settings: all of them, once the file has been checked; before, those that it says.
    """

    name: str
    table: str
    stage: Stage
    uses: str
    inputs: dict[str, str | tuple[str, ...]]
    settings: dict[str, Any]
    axes: Axes = field(default_factory=dict)

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
        names: of all stages in the file.
    """

    name: str
    nodes: tuple[Node, ...]
    path: Path
    find_stage: FindStage
    overrides: Mapping[str, Any] = field(default_factory=dict)
    names: frozenset[str] = frozenset()

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
