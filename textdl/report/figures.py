"""The figures of a report, as SVG that is the same to the byte for the same numbers."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textdl.classifiers import Evaluation

if TYPE_CHECKING:
    from textdl.training.history import History


@dataclass(frozen=True)
class Figure:
    """A picture with the sentence that stands for it where it can't be seen."""

    svg: str
    caption: str

    @property
    def address(self) -> str:
        """The picture as an address, which keeps its styles and ids apart from the page's."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg.encode()).decode()


def losses(values: Sequence[float], name: str = "", *, per: str = "pair") -> Figure:
    """The loss of an embedding by epoch."""
    with _axes(f"mean loss per {per}") as (axes, finished):
        axes.plot(range(1, len(values) + 1), values, marker="o")
    caption = f"Loss by epoch: from {values[0]:.3f} to {values[-1]:.3f}"
    caption = f"{name}. {caption}" if name else caption
    return Figure(finished.getvalue(), caption)


def training(history: History) -> Figure:
    """Accuracy of a classifier by epoch."""
    epochs = range(1, len(history) + 1)
    validation = [epoch.validation_accuracy for epoch in history]
    with _axes("accuracy") as (axes, finished):
        axes.plot(epochs, [epoch.accuracy for epoch in history], marker="o", label="training")
        axes.plot(epochs, validation, marker="s", label="validation")
        axes.legend(frameon=False)
    best = history.best
    caption = (
        f"Accuracy by epoch: the best is epoch {best + 1}, {validation[best]:.4f} on validation"
    )
    return Figure(finished.getvalue(), caption)


def confusion(evaluation: Evaluation) -> Figure:
    """How often each class is taken for each other."""
    counts, names = evaluation.model.confusion, evaluation.label_names
    shares = [[n / max(sum(row), 1) for n in row] for row in counts]
    with _axes("true", xlabel="predicted", size=(3.4, 3.2)) as (axes, finished):
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        axes.set_xticks(range(len(names)), names)
        axes.set_yticks(range(len(names)), names, rotation=90, va="center")
        if len(names) <= 10:
            for i, row in enumerate(counts):
                for j, n in enumerate(row):
                    color = "white" if shares[i][j] > 0.5 else "black"
                    axes.text(j, i, f"{n:,}", ha="center", va="center", color=color)
    return Figure(
        finished.getvalue(), "Confusion matrix; the darker, the larger the share of a row"
    )


@contextmanager
def _axes(
    ylabel: str, xlabel: str = "epoch", size: tuple[float, float] = (4.6, 3.2)
) -> Iterator[tuple[Any, io.StringIO]]:
    """Axes to draw on, and where the SVG stands afterwards."""
    import matplotlib as mpl
    from matplotlib.figure import Figure as Canvas
    from matplotlib.ticker import MaxNLocator

    finished = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "textdl", "svg.fonttype": "none", "font.size": 10}):
        canvas = Canvas(figsize=size, layout="constrained")
        axes = canvas.add_subplot()
        axes.set_xlabel(xlabel)
        axes.set_ylabel(ylabel)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        yield axes, finished
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        canvas.savefig(finished, format="svg", metadata=nothing)
    text = finished.getvalue()
    finished.seek(0)
    finished.truncate()
    finished.write(text[text.index("<svg") :])
