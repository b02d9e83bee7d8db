"""A map of word vectors: the most frequent words in two dimensions."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdl.report.parts import Map
from textdl.vectors import Vectors

WORDS = 1500
MARGINS = (0.1, 0.06)
"""Shares of the width and height around the words; what is written goes on to the right."""


def word_map(vectors: Vectors) -> Map | None:
    """The first :data:`WORDS` words; None of fewer than three, or without their vectors."""
    words = list(vectors.words[:WORDS])
    places = project(np.asarray(vectors[words], np.float32)) if len(words) > 2 else None
    if places is None:
        return None
    caption = (
        f"The {len(words):,} most frequent words by t-SNE (van der Maaten & Hinton 2008): what is "
        "close together is similar, distances between groups mean little. Drag to move, scroll or "
        "pinch to zoom; the names of more words appear."
    )
    return Map(_item(words, places), caption)


def project(matrix: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Points in the plane, float32 ``[n, 2]``, whose neighbourhoods are like those of the rows by
    cosine; None if they are all the same."""
    from sklearn.manifold import TSNE

    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    rows = matrix / np.maximum(lengths, 1e-12)
    if not np.isfinite(rows).all() or np.ptp(rows, axis=0).max() < 1e-6:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Fewer steps than usual and a coarse angle: half a second per hundred words, not two.
        tsne = TSNE(
            2,
            perplexity=min(15, (len(rows) - 1) / 3),
            init="pca" if matrix.shape[1] > 1 else "random",
            max_iter=400,
            angle=0.8,
            random_state=1,
        )
        places: NDArray[np.float32] = tsne.fit_transform(rows)
    return places if np.isfinite(places).all() else None


def _item(words: list[str], places: NDArray[np.float32]) -> dict[str, Any]:
    from bokeh.core.properties import value
    from bokeh.embed import json_item
    from bokeh.models import ColumnDataSource, HoverTool, Range1d, WheelZoomTool
    from bokeh.plotting import figure

    low, high = places.min(0), places.max(0)
    margin = MARGINS * (high - low)
    (left, bottom), (right, top) = (low - margin).tolist(), (high + margin).tolist()
    plot = figure(
        sizing_mode="stretch_both",
        tools="pan,reset,save",
        x_range=Range1d(left, right, reset_start=left, reset_end=right),
        y_range=Range1d(bottom, top, reset_start=bottom, reset_end=top),
        toolbar_location="above",
        output_backend="canvas",
    )
    plot.toolbar.logo = None
    plot.axis.visible = False
    plot.grid.visible = False
    plot.outline_line_color = None
    wheel = WheelZoomTool()
    plot.add_tools(wheel)
    plot.toolbar.active_scroll = wheel
    rounded = np.round(places, 2).tolist()
    columns = {"x": [x for x, _ in rounded], "y": [y for _, y in rounded]}
    every = ColumnDataSource({**columns, "word": words})
    none: dict[str, list[Any]] = {"x": [], "y": [], "word": []}
    dots = plot.scatter("x", "y", size=5, fill_alpha=0.45, line_color=None, source=every,
                        name="dots")  # fmt: skip
    found = ColumnDataSource(none)
    plot.scatter("x", "y", size=10, source=found, name="found")
    for name, source, size in (
        ("names", ColumnDataSource(none), "12px"),
        ("found-names", found, "13px"),
    ):
        plot.text("x", "y", "word", x_offset=5, text_baseline="middle", text_font_size=size,
                  text_font=value("system-ui, sans-serif"), source=source, name=name)  # fmt: skip
    plot.add_tools(HoverTool(renderers=[dots], tooltips=[("", "@word")]))
    item: dict[str, Any] = dict(json_item(plot))
    return item
