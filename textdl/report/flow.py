"""The picture of a pipeline: stages in layers, from the left to the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from textdl.report.parts import Figure

BOX, HEIGHT, GAP, BETWEEN, LINE = 150, 46, 20, 56, 12
"""Pixels: a box and what is between two, and the room for an arrow that passes by."""
SWEEPS = 8

Node = tuple[str, int, bool]
"""The name of a stage, a layer, and whether it is in it; else its arrows only pass there."""

State = Literal["computed", "cached", "earlier", "failed", "missing"]


@dataclass(frozen=True)
class Box:
    """A stage in the picture: its name, what is said of it, and the boxes its inputs are from."""

    name: str
    text: str
    state: State
    sources: tuple[str, ...] = ()


def flow(boxes: Sequence[Box], caption: str) -> Figure:
    """Draw boxes, sources before what takes from them, with few crossings: layers by the longest
    way, ordered by the means of their neighbours' places (Sugiyama, Tagawa & Toda 1981)."""
    layers, arrows = _layers(boxes)
    _order(layers, arrows)
    tall = max(map(_tall, layers))
    places: dict[Node, tuple[float, float]] = {}
    for x, layer in enumerate(layers):
        y = 2 + (tall - _tall(layer)) / 2
        for node in layer:
            places[node] = x * (BOX + BETWEEN) + 2, y
            y += _room(node)
    width, height = len(layers) * (BOX + BETWEEN) - BETWEEN + 4, tall + 4
    nodes = {node[0]: node for layer in layers for node in layer if node[2]}
    drawn = [_arrow(source, target, places) for source, target in arrows]
    drawn += [_box(box, *places[nodes[box.name]]) for box in boxes]
    svg = (
        f'<svg class="flow" role="img" aria-label="{escape(caption)}" width="{width}" '
        f'height="{height:.0f}" viewBox="0 0 {width} {height:.0f}">\n'
        + "\n".join([*drawn, "</svg>"])
    )
    return Figure(svg, caption, wide=True)


def _layers(boxes: Sequence[Box]) -> tuple[list[list[Node]], list[tuple[Node, Node]]]:
    """The nodes of each layer, and the arrows from one layer to the next. Those of a stage go
    together as far as they can."""
    layer: dict[str, int] = {}
    for box in boxes:
        layer[box.name] = 1 + max((layer[source] for source in box.sources), default=-1)
    nodes: dict[Node, None] = {(box.name, layer[box.name], True): None for box in boxes}
    arrows: dict[tuple[Node, Node], None] = {}
    for box in boxes:
        for source in box.sources:
            before: Node = (source, layer[source], True)
            for at in range(layer[source] + 1, layer[box.name]):
                passing = (source, at, False)
                nodes[passing] = arrows[before, passing] = None
                before = passing
            arrows[before, (box.name, layer[box.name], True)] = None
    layers: list[list[Node]] = [[] for _ in range(1 + max(layer.values(), default=0))]
    for node in nodes:
        layers[node[1]].append(node)
    return layers, list(arrows)


def _order(layers: list[list[Node]], arrows: list[tuple[Node, Node]]) -> None:
    """Sort each layer by the mean place of the nodes that its nodes are joined to."""
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for nodes in layers if forward else layers[::-1]:
            at = {node: y - len(layer) / 2 for layer in layers for y, node in enumerate(layer)}
            near: dict[Node, list[float]] = {node: [] for node in nodes}
            for source, target in arrows:
                node, other = (target, source) if forward else (source, target)
                if node in near:
                    near[node].append(at[other])
            means = {node: _mean(near[node], at[node]) for node in nodes}
            nodes.sort(key=means.__getitem__)


def _room(node: Node) -> int:
    return HEIGHT + GAP if node[2] else LINE


def _tall(layer: Sequence[Node]) -> int:
    return sum(map(_room, layer))


def _mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _arrow(source: Node, target: Node, places: Mapping[Node, tuple[float, float]]) -> str:
    """A curve from one layer to the next; one that passes by goes on through the layer."""
    (x0, y0), (x1, y1) = places[source], places[target]
    y0 += HEIGHT / 2 if source[2] else LINE / 2
    y1 += HEIGHT / 2 if target[2] else LINE / 2
    x0 += BOX
    middle = (x0 + x1) / 2
    way = f"M{x0:.0f} {y0:.0f}C{middle:.0f} {y0:.0f} {middle:.0f} {y1:.0f} {x1:.0f} {y1:.0f}"
    return f'<path d="{way}{"m-6 -4l6 4l-6 4" if target[2] else f"h{BOX}"}"/>'


def _box(box: Box, x: float, y: float) -> str:
    below = escape(_short(box.text, 24))
    return (
        f'<g class="{box.state}"><title>{escape(f"{box.name}: {box.text}")}</title>'
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{BOX}" height="{HEIGHT}" rx="7"/>'
        f'<text x="{x + 11:.0f}" y="{y + 20:.0f}">{escape(_short(box.name, 18))}</text>'
        f'<text class="what" x="{x + 11:.0f}" y="{y + 36:.0f}">{below}</text>'
        "</g>"
    )


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
