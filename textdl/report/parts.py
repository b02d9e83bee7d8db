"""What a section of a page is made of."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar


@dataclass(frozen=True)
class Table:
    """Rows of text under column headings; if it is ``numeric``, columns of numbers are
    right-aligned. By row and column, cells that count for little are faint, and others are shaded,
    from 0 to 1. A table that is ``folded`` is shown when it is asked for."""

    kind: ClassVar = "table"

    title: str
    columns: list[str]
    rows: list[list[str]]
    numeric: bool = False
    faint: frozenset[tuple[int, int]] = frozenset()
    shades: Mapping[tuple[int, int], float] = field(default_factory=dict)
    folded: bool = False

    @cached_property
    def right(self) -> list[bool]:
        """Which columns are right-aligned: numbers, but for the first column."""
        columns = zip(*self.rows, strict=True) if self.rows else ([] for _ in self.columns)
        return [
            self.numeric
            and i > 0
            and (any(_NUMBER.fullmatch(cell) for cell in column) or {*column} == {"–"})
            for i, column in enumerate(columns)
        ]

    def classes(self, row: int, column: int) -> str:
        """What a cell is, for the style of a page."""
        its = {
            "right": self.right[column],
            "number": _NUMBER.fullmatch(self.rows[row][column]),
            "faint": (row, column) in self.faint,
        }
        return " ".join(name for name, holds in its.items() if holds)

    def csv(self) -> str:
        """Comma-separated values, as RFC 4180 has them but with ``\\n``."""
        file = io.StringIO()
        csv.writer(file, lineterminator="\n").writerows([self.columns, *self.rows])
        return file.getvalue()

    def markdown(self) -> str:
        """A table as GitHub writes them."""
        rules = ["---:" if right else "---" for right in self.right]
        lines = [[cell.translate(_MARKDOWN) for cell in row] for row in self._all]
        for i, j in self.faint:
            lines[i + 1][j] = f"*{lines[i + 1][j]}*"
        return "".join(f"| {' | '.join(line)} |\n" for line in [lines[0], rules, *lines[1:]])

    def latex(self) -> str:
        """A ``tabular`` with the rules of the package ``booktabs``."""
        head, *body = (" & ".join(map(_latex, row)) + r" \\" for row in self._all)
        columns = "".join("r" if right else "l" for right in self.right)
        lines = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", head, r"\midrule", *body]
        return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", ""])

    @property
    def _all(self) -> list[list[str]]:
        return [self.columns, *self.rows]


@dataclass(frozen=True)
class Figure:
    """A picture with the sentence that stands for it where it can't be seen.

    Attributes:
        svg: an element for the midst of a page, in its colours.
        wide: it takes the whole width.
    """

    kind: ClassVar = "figure"

    svg: str
    caption: str
    title: str = ""
    wide: bool = False


@dataclass(frozen=True)
class Map:
    """Points with names that can be searched and zoomed, drawn by Bokeh.

    Attributes:
        item: JSON, what ``bokeh.embed.json_item`` makes.
    """

    kind: ClassVar = "map"

    item: dict[str, Any]
    caption: str

    @property
    def script(self) -> str:
        """The JSON as it may stand in a script element."""
        return json.dumps(self.item, separators=(",", ":")).replace("<", "\\u003c")


@dataclass(frozen=True)
class Mistake:
    """A text that was judged wrongly.

    Attributes:
        said, true: labels.
        probability: that of what was said.
        words: with weights from -1 (spoke for what is true) to 1 (spoke for what was said).
    """

    said: str
    true: str
    probability: float
    words: list[tuple[str, float]]


@dataclass(frozen=True)
class Mistakes:
    """Texts that were judged wrongly, the surest first."""

    kind: ClassVar = "mistakes"

    title: str
    texts: list[Mistake]


_NUMBER = re.compile(r"(≥ )?-?(\d[\d,]*)?\.?\d+(e[-+]?\d+)?(%| s)?( ± [\d.]+| of [\d,]+)?")

Part = Table | Figure | Map | Mistakes

_MARKDOWN = str.maketrans({c: f"\\{c}" for c in "\\`*_|<>[]&~"} | {"\n": " "})
_LATEX = str.maketrans({c: f"\\{c}" for c in "&%$#_{}"} | {c: f"{{{c}}}" for c in "[*"} | {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "±": r"$\pm$", "≥": r"$\geq$", "→": r"$\rightarrow$", "–": r"\textendash{}", "\n": " ",
    "…": r"\ldots{}", "<": r"\textless{}", ">": r"\textgreater{}",
})  # fmt: skip


def _latex(cell: str) -> str:
    """Text that LaTeX takes as it is: in braces what it would read as an option of the line above,
    and apart what it would make one sign of."""
    return re.sub(r"([-`'])(?=\1)", r"\1{}", cell.translate(_LATEX))
