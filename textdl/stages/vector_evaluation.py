"""How good word vectors are, of several tables side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textdl.pipeline import StageRun, stage
from textdl.vectors import Vectors
from textdl.vectors.evaluation.comparison import VectorEvaluation, evaluate_vectors, set_files


def _files(settings: dict[str, Any]) -> dict[str, Path] | None:
    return set_files(settings["sets"])


@stage(version=2, settings_of=evaluate_vectors, without=("progress",), files={"sets": _files})
def vector_evaluation(
    vectors: dict[str, Vectors], *, run: StageRun, **settings: Any
) -> VectorEvaluation:
    return evaluate_vectors(vectors, progress=run, **settings)
