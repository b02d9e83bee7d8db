"""Several tables of vectors measured on the same evaluation sets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, MinLen

from textdl.errors import InputError
from textdl.progress import Progress, Silent
from textdl.settings import checked
from textdl.vectors import evaluate
from textdl.vectors.evaluation.files import evaluation_file, holds_analogies, parts_of
from textdl.vectors.evaluation.planted import evaluate_planted
from textdl.vectors.evaluation.scores import AnalogyScore, SectionScore
from textdl.vectors.vectors import Vectors

PLANTED = "planted"


@dataclass(frozen=True)
class Measurement:
    """A figure of one table of vectors.

    Attributes:
        value: Spearman's rho or an accuracy; None when it is undefined.
        used: how many pairs, questions or words could be used.
        total: how many there are.
    """

    value: float | None
    used: int
    total: int

    @property
    def coverage(self) -> float:
        """The share that was used."""
        return self.used / self.total if self.total else 0.0


@dataclass(frozen=True)
class VectorEvaluation:
    """What was measured.

    Attributes:
        full: by name of a table and of a measure, with all words.
        restricted: the analogies again, with the first ``restrict`` words only.
    """

    restrict: int
    full: dict[str, dict[str, Measurement]]
    restricted: dict[str, dict[str, Measurement]]

    @property
    def info(self) -> dict[str, Any]:
        """The figures without the coverage."""
        return {name: {m: s.value for m, s in scores.items()} for name, scores in self.full.items()}

    def save(self, folder: str | Path) -> None:
        """Write ``vector_evaluation.json``."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1, allow_nan=False)
        (folder / "vector_evaluation.json").write_text(text, "utf-8")

    @classmethod
    def load(cls, folder: str | Path) -> VectorEvaluation:
        """Read a saved evaluation.

        Raises:
            InputError: the folder holds none, or a damaged one.
        """
        folder = Path(folder)
        try:
            fields = json.loads((folder / "vector_evaluation.json").read_text("utf-8"))
            for part in ("full", "restricted"):
                fields[part] = {
                    name: {measure: Measurement(**score) for measure, score in scores.items()}
                    for name, scores in fields[part].items()
                }
            return cls(**fields)
        except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(f"{folder}: holds no complete vector evaluation ({error})") from error


@checked
def evaluate_vectors(
    vectors: Mapping[str, Vectors],
    *,
    sets: Annotated[list[str], MinLen(1)] = [  # noqa: B006 (never changed)
        "wordsim353",
        "simlex999",
        "google-analogies",
        PLANTED,
    ],
    restrict: Annotated[int, Ge(1)] = 30_000,
    progress: Progress | None = None,
) -> VectorEvaluation:
    """Measure tables of vectors by similarity of pairs, analogies, and what a synthetic corpus has
    planted (of tables that were trained on one only). In pairs, a word without a row is composed if
    its table can; analogies and planted words need rows.

    Args:
        vectors: tables by name.
        sets: names of sets, or files of pairs or analogies.
        restrict: answer the analogies a second time with so many of the first words only.

    Raises:
        InputError: a set is not there, is damaged, or two have the same name.
    """  # fmt: skip
    labels = [set_label(name) for name in sets]
    for label in labels:
        if labels.count(label) > 1:
            raise InputError(f"two evaluation sets are called {label!r}: rename one of the files")
    progress = progress or Silent()
    result = VectorEvaluation(restrict, {n: {} for n in vectors}, {n: {} for n in vectors})
    done = 0
    for table, its in vectors.items():
        for name, label in zip(sets, labels, strict=True):
            full, restricted = _measure(its, name, label, restrict)
            result.full[table].update(full)
            result.restricted[table].update(restricted)
            done += 1
            progress.update(done, len(vectors) * len(sets), "sets")
    return result


def of_synthetic_corpus(vectors: Vectors) -> bool:
    """Whether a table says that it was trained on the corpus that textdl generates."""
    info: dict[str, Any] = vectors.info.get("counts", vectors.info)
    source = info.get("corpus", {}).get("source", {})
    return isinstance(source, dict) and source.get("source") == "synthetic"


def set_label(name: str) -> str:
    """What a set is called: its name, or that of its file."""
    return Path(name).name


def set_files(sets: list[str]) -> dict[str, Path] | None:
    """The sets' files by place and name, None if no set has a file.

    Raises:
        InputError: a file is not there.
    """
    files = {}
    for i, name in enumerate(sets, 1):
        if name == PLANTED:
            continue
        path = evaluation_file(name)
        for part in parts_of(path):
            its = set_label(name) if part == path else part.relative_to(path.parent).as_posix()
            files[f"{i} of {len(sets)}: {its}"] = part
    return files or None


Measurements = dict[str, Measurement]


def _measure(
    vectors: Vectors, name: str, label: str, restrict: int
) -> tuple[Measurements, Measurements]:
    """The measurements of one set, and those that are restricted."""
    if name == PLANTED:
        if not of_synthetic_corpus(vectors):
            return {}, {}
        planted = evaluate_planted(vectors)
        return {
            f"{label} analogies": _accuracy(planted.analogies),
            f"{label} synonyms": _accuracy(planted.synonyms),
        }, {}
    if not holds_analogies(evaluation_file(name)):
        score = evaluate.similarity(vectors, name, unknown="compose")
        return {label: Measurement(_defined(score.rho), score.used, score.total)}, {}
    full = _accuracy(evaluate.analogies(vectors, name))
    if restrict >= len(vectors):
        return {label: full}, {label: full}
    return {label: full}, {label: _accuracy(evaluate.analogies(vectors, name, restrict=restrict))}


def _accuracy(score: AnalogyScore | SectionScore) -> Measurement:
    total = score.total if isinstance(score, AnalogyScore) else score
    return Measurement(_defined(total.accuracy), total.used, total.total)


def _defined(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
