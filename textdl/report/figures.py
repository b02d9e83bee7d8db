"""The figures of a report, as SVG in the colours of the page, the same to the byte for the same
numbers."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Any

from textdl.report.parts import Figure

if TYPE_CHECKING:
    from textdl.report.calibration import Calibration
    from textdl.training.history import History

INK, FAINT, FIRST, SECOND = "#010203", "#020304", "#030405", "#040506"
_COLORS = {
    INK: "ink", FAINT: "faint", FIRST: "series-1", SECOND: "series-2",
}  # fmt: skip
"""Stand-ins, in whose places the colours of the page are put."""

_STYLE: Any = {
    "svg.fonttype": "none", "font.size": 10, "font.family": "DejaVu Sans", "text.color": INK,
    "axes.edgecolor": FAINT, "axes.labelcolor": INK, "axes.linewidth": 0.8,
    "axes.spines.top": False, "axes.spines.right": False,
    "xtick.color": FAINT, "ytick.color": FAINT, "xtick.labelcolor": INK, "ytick.labelcolor": INK,
    "grid.color": FAINT, "grid.alpha": 0.25, "grid.linewidth": 0.6, "lines.linewidth": 1.6,
    "lines.markersize": 4, "savefig.transparent": True,
}  # fmt: skip


def losses(values: Sequence[float], name: str = "", *, per: str = "pair") -> Figure:
    """The loss of an embedding by epoch."""
    caption = f"Loss by epoch: from {values[0]:.3f} to {values[-1]:.3f}"
    with _axes(f"mean loss per {per}", caption=caption, title=name) as (axes, figure):
        axes.plot(range(1, len(values) + 1), values, marker="o", color=FIRST)
    return figure[0]


def training(history: History, name: str = "") -> Figure:
    """Accuracy of a classifier by epoch."""
    epochs = range(1, len(history) + 1)
    validation = [epoch.validation_accuracy for epoch in history]
    best = history.best
    caption = (
        f"Accuracy by epoch: the best is epoch {best + 1}, {validation[best]:.4f} on validation"
    )
    with _axes("accuracy", caption=caption, title=name) as (axes, figure):
        axes.plot(epochs, [epoch.accuracy for epoch in history], marker="o", label="training",
                  color=FIRST)  # fmt: skip
        axes.plot(epochs, validation, marker="s", label="validation", color=SECOND, linestyle="--")
        axes.legend(frameon=False)
    return figure[0]


def reliability(found: Calibration, name: str = "") -> Figure:
    """The share that is right by how sure the classifier was."""
    caption = (
        f"Reliability: the nearer to the line, the better; expected calibration error "
        f"{found.error:.3f} over {found.counts.sum():,} decisions"
    )
    figured = _axes("share that is right", xlabel="probability of what was said", caption=caption,
                    title=name, integers=False)  # fmt: skip
    bins = len(found.counts)
    with figured as (axes, figure):
        seen = [i for i in range(bins) if found.counts[i]]
        axes.bar([(i + 0.5) / bins for i in seen], found.accuracy[seen], width=0.94 / bins,
                 color=FIRST, alpha=0.3)  # fmt: skip
        axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1, linestyle="--")
        axes.scatter(found.confidence[seen], found.accuracy[seen], color=SECOND, zorder=3,
                     s=[10 + 60 * found.counts[i] / found.counts.max() for i in seen])  # fmt: skip
        least = min(seen, default=0) // 2 * 2
        axes.set_xlim(least / bins, 1)
        axes.set_ylim(0, 1.02)
    return figure[0]


@contextmanager
def _axes(
    ylabel: str,
    xlabel: str = "epoch",
    *,
    caption: str,
    title: str,
    integers: bool = True,
) -> Iterator[tuple[Any, list[Figure]]]:
    """Axes to draw on, and where the figure is afterwards."""
    import matplotlib as mpl
    from matplotlib.figure import Figure as Canvas
    from matplotlib.ticker import MaxNLocator

    file = io.StringIO()
    figure: list[Figure] = []
    with mpl.rc_context({**_STYLE, "svg.hashsalt": f"{title} {caption}"}):
        canvas = Canvas(figsize=(4.4, 3.0), layout="constrained")
        axes = canvas.add_subplot()
        axes.set_xlabel(xlabel)
        axes.set_ylabel(ylabel)
        axes.grid(True, axis="y")
        if integers:
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        yield axes, figure
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        canvas.savefig(file, format="svg", metadata=nothing)
    figure.append(Figure(_for_page(file.getvalue(), title, caption), caption, title))


def _for_page(svg: str, title: str, caption: str) -> str:
    """The element of an SVG file, in the colours of the page, with no ids or styles that others
    could have too."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style .*?</style>|<!--.*?-->", "", svg, flags=re.S)
    mark = hashlib.blake2b(f"{title} {caption}".encode(), digest_size=4).hexdigest()
    used = set(re.findall(r"(?:url\(#|xlink:href=\"#)([\w.-]+)", svg))
    svg = re.sub(
        r' id="([\w.-]+)"', lambda its: f' id="{mark}-{its[1]}"' if its[1] in used else "", svg
    )
    svg = re.sub(r'(url\(#|xlink:href="#)', rf"\g<1>{mark}-", svg)
    for stand_in, name in _COLORS.items():
        svg = svg.replace(stand_in, f"var(--{name})")
    svg = re.sub(r"\n\s*", "\n", svg).replace("\n\n", "\n")
    label = escape(f"{title}. {caption}" if title else caption)
    return svg.replace("<svg", f'<svg role="img" aria-label="{label}"', 1)
