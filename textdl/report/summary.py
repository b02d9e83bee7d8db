"""What ran, on what, how long, with what settings and versions."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from textdl.pipeline.events import seconds_text
from textdl.report.flow import Box, State, flow
from textdl.report.page import Section
from textdl.report.parts import Part, Table
from textdl.report.results import Record, Results
from textdl.report.texts import value_text

FEW = 12
"""Stages whose table is shown without being asked for."""

STATES: dict[State, str] = {
    "computed": "computed in this run",
    "cached": "cached",
    "earlier": "of an earlier run",
    "failed": "failed",
    "missing": "no result",
}


def facts(record: Record) -> dict[str, str]:
    """A run in short."""
    stages = [e for e in record["stages"].values() if not e["of_an_earlier_run"]]
    computed = sum(not entry["cached"] for entry in stages)
    found = {
        "Outcome": record["outcome"],
        "Started": time.strftime("%Y-%m-%d %H:%M", time.localtime(record["started_at"])),
        "Took": seconds_text(record["seconds"]),
        "Stages": f"{len(stages)}: {computed} computed, {len(stages) - computed} cached",
        "Cores": str(record["machine"]["cores"]),
    }
    if git := record["git"]:
        found["Commit"] = git["commit"][:9] + (" (changed)" if git["dirty"] else "")
    return found


def what_ran(results: Results) -> Section:
    """The picture of the pipeline, a table of its stages, their settings and versions."""
    record = results.record
    boxes = _boxes(results)
    shown = {box.state for box in boxes}
    lines = {
        "computed": "solid", "cached": "dashed", "earlier": "dotted", "failed": "red",
        "missing": "dotted",
    }  # fmt: skip
    legend = ", ".join(f"{lines[s]}: {STATES[s]}" for s in STATES if s in shown)
    parts: list[Part] = [flow(boxes, f"The stages of {record['pipeline']} ({legend})")]
    parts += [_stages(results), _settings(results)]
    versions = [[name, version] for name, version in record["versions"].items()]
    machine = [["platform", record["machine"]["platform"]], ["run", record["run"]]]
    overrides = [[f"--set {k}", value_text(v)] for k, v in record["overrides"].items()]
    rows = [*overrides, *versions, *machine]
    parts.append(Table("Versions and machine", ["", ""], rows, folded=True))
    return Section("What ran", [f"{n} failed: {text}" for n, text in _failed(record)], parts)


def _stages(results: Results) -> Table:
    rows = []
    for name, entry in results.stages.items():
        memory = entry["peak_memory_bytes"]
        rows.append([
            name,
            entry["uses"],
            STATES[_state(entry)],
            f"{entry['seconds']:,.2f}",
            f"{entry['cpu_seconds']:,.2f}",
            f"{memory / 1e6:,.0f}" if memory else "–",
        ])  # fmt: skip
    columns = ["stage", "uses", "result", "seconds", "CPU seconds", "memory, MB"]
    title = "Stages, with what each took when it was computed"
    return Table(title, columns, rows, numeric=True, folded=len(rows) > FEW)


def _settings(results: Results) -> Table:
    """The settings of each table of the pipeline; where its cells differ, all their values."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for name, entry in results.stages.items():
        for setting, value in entry["settings"].items():
            row = name.partition("@")[0], setting
            found.setdefault(row, {})[value_text(value)] = None
    rows = [[*row, " / ".join(values)] for row, values in found.items()]
    return Table("Settings", ["stage", "setting", "value"], rows, folded=True)


def _boxes(results: Results) -> list[Box]:
    """A box for every table of the pipeline: all cells of one are in one box."""
    record, cells = results.record, dict[str, list[str]]()
    for name in _in_order(results):
        cells.setdefault(name.partition("@")[0], []).append(name)
    boxes: list[Box] = []
    failed = {name.partition("@")[0] for name, _ in _failed(record)}
    for table, names in cells.items():
        entries = [results.stages[name] for name in names]
        sources = dict.fromkeys(
            s.partition("@")[0] for name in names for s in results.sources(name)
        )
        states = {_state(entry) for entry in entries}
        state: State = "computed" if "computed" in states else min(states)
        if table in failed:
            state = "failed"
        its = tuple(s for s in sources if s in cells and s != table)
        boxes.append(Box(table, _said(entries), state, its))
    return [*boxes, *_without_results(record, failed, {*cells})]


def _without_results(record: Record, failed: set[str], known: set[str]) -> Iterator[Box]:
    """Boxes of the tables of which no stage has a result."""
    sources: dict[str, dict[str, None]] = {}
    for name, its in record["resolved"].items():
        wires = its.get("inputs", {}).values()
        every = [s for wire in wires for s in ([wire] if isinstance(wire, str) else wire)]
        tables = dict.fromkeys(source.partition("@")[0] for source in every)
        sources.setdefault(name.partition("@")[0], {}).update(tables)
    for table in [table for table in sources if table not in known and table != "pipeline"]:
        state: State = "failed" if table in failed else "missing"
        yield Box(table, STATES[state], state, tuple(s for s in sources[table] if s in known))
        known.add(table)


def _failed(record: Record) -> list[tuple[str, str]]:
    """The stages that failed, and how."""
    return list(record.get("failed", {}).items())


def _said(entries: Sequence[Mapping[str, Any]]) -> str:
    states = [_state(entry) for entry in entries]
    computed = states.count("computed")
    took = seconds_text(sum(e["seconds"] for e in entries if _state(e) == "computed"))
    if len(entries) == 1:
        return took if computed else states[0]
    if computed == len(entries):
        return f"{computed} cells, {took}"
    return f"{len(entries)} cells, {computed} computed" if computed else f"{len(entries)} cached"


def _state(entry: Mapping[str, Any]) -> State:
    if entry["of_an_earlier_run"]:
        return "earlier"
    return "cached" if entry["cached"] else "computed"


def _in_order(results: Results) -> list[str]:
    """The stages, every one behind those that it took results of."""
    order: dict[str, None] = {}

    def visit(name: str) -> None:
        for source in results.sources(name):
            if source in results.stages and source not in order:
                visit(source)
        order[name] = None

    for name in results.stages:
        if name not in order:
            visit(name)
    return list(order)
