"""How well word vectors do on an evaluation set."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Google's gram1-…, the parts of speech of MSR's, the first two folders of BATS.
_SYNTACTIC = re.compile(r"gram|[A-Z]+_[A-Z]+$|\d*_?(inflectional|derivational)")


@dataclass(frozen=True, repr=False)
class SimilarityScore:
    """How well cosines agree with judgements of pairs of words; prints as a table.

    Attributes:
        rho: Spearman's rank correlation with the judgements; nan when it is undefined.
        pearson: Pearson's correlation; nan when it is undefined.
        used: how many pairs have two vectors.
        total: how many pairs the set has.
    """

    rho: float
    pearson: float
    used: int
    total: int

    @property
    def coverage(self) -> float:
        """The share of the pairs that were used."""
        return self.used / self.total

    def __repr__(self) -> str:
        return _table(
            [
                ["Spearman", f"{self.rho:.4f}"],
                ["Pearson", f"{self.pearson:.4f}"],
                ["pairs", f"{self.used:,} of {self.total:,}"],
            ]
        )


@dataclass(frozen=True)
class SectionScore:
    """How many analogies are right, of those whose words have a row, of all."""

    correct: int
    used: int
    total: int

    @property
    def accuracy(self) -> float:
        """The share of the used questions that is right; nan when none was used."""
        return self.correct / self.used if self.used else float("nan")

    @property
    def coverage(self) -> float:
        """The share of the questions that were used."""
        return self.used / self.total if self.total else float("nan")


@dataclass(frozen=True, repr=False)
class AnalogyScore:
    """The analogies of a set, by section; prints as a table.

    Attributes:
        sections: by name; that of a section in a category begins with ``category/``.
        mul: the same questions by 3CosMul, where they were asked both ways.
    """

    sections: dict[str, SectionScore]
    mul: AnalogyScore | None = None

    @property
    def total(self) -> SectionScore:
        """All sections."""
        return _sum(list(self.sections.values()))

    @property
    def semantic(self) -> SectionScore:
        """The sections about meaning: those that are not about grammar."""
        return _sum([s for name, s in self.sections.items() if not _is_syntactic(name)])

    @property
    def syntactic(self) -> SectionScore:
        """The sections about grammar, as their names in Google's set, MSR's and BATS tell."""
        return _sum([s for name, s in self.sections.items() if _is_syntactic(name)])

    @property
    def categories(self) -> dict[str, SectionScore]:
        """The categories of sections, if the set has any."""
        names = dict.fromkeys(n.rpartition("/")[0] for n in self.sections if "/" in n)
        return {
            name: _sum([s for n, s in self.sections.items() if n.rpartition("/")[0] == name])
            for name in names
        }

    def __repr__(self) -> str:
        lines, others = self._lines(), self.mul._lines() if self.mul else {}
        head = ["", "3CosAdd", "3CosMul"] if self.mul else ["", "accuracy"]
        rows = [
            [
                name,
                *(f"{its.accuracy:.1%}" for its in (line, others.get(name)) if its),
                f"{line.used:,}",
                f"{line.total:,}",
            ]
            for name, line in lines.items()
        ]
        return _table([[*head, "used", "total"], *rows])

    def _lines(self) -> dict[str, SectionScore]:
        halves = {"semantic": self.semantic, "syntactic": self.syntactic}
        if not all(half.total for half in halves.values()):
            halves = {}
        return self.sections | self.categories | halves | {"total": self.total}


def _is_syntactic(section: str) -> bool:
    return bool(_SYNTACTIC.match(section) or _SYNTACTIC.match(section.lower()))


def _sum(scores: list[SectionScore]) -> SectionScore:
    return SectionScore(
        sum(s.correct for s in scores), sum(s.used for s in scores), sum(s.total for s in scores)
    )


def _table(rows: list[list[str]]) -> str:
    """Columns side by side: the first flush left, the others flush right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
