"""The results of a run, as a report reads them: by what lies in their folders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

Record = Mapping[str, Any]

KINDS = {
    "corpus": ("corpus.json", "textdl.text.corpus", "Corpus"),
    "vectors": ("vectors.json", "textdl.vectors", "Vectors"),
    "model": ("model.json", "textdl.classifiers", "SentimentModel"),
    "evaluation": ("evaluation.json", "textdl.classifiers", "Evaluation"),
    "vector_evaluation": (
        "vector_evaluation.json",
        "textdl.vectors.evaluation.comparison",
        "VectorEvaluation",
    ),
}
"""Kinds of results: the file by which one is known, and the class that reads it."""


class Results:
    """The results of a run.

    Args:
        record: what ``run.json`` says.
        folder_of: where the files with a digest are.

    Attributes:
        kinds: what each stage's result is, as far as it is one of :data:`KINDS`.
        gone: the stages that this run had results of, which are no longer there.
        load: reads the result of a stage; the last few are kept.
    """

    def __init__(self, record: Record, folder_of: Callable[[str], Path]) -> None:
        self.record = record
        self.stages: dict[str, Any] = dict(record["stages"])
        self._folder_of = folder_of
        found = {name: self._kind(name) for name in self.stages}
        self.kinds = {name: kind for name, kind in found.items() if kind}
        self.gone = [
            name
            for name, entry in self.stages.items()
            if not entry["of_an_earlier_run"] and not self._folder(name).is_dir()
        ]
        self.load = lru_cache(maxsize=3)(self._load)

    def of(self, kind: str) -> list[str]:
        """The stages whose results are of a kind."""
        return [name for name, its in self.kinds.items() if its == kind]

    def sources(self, stage: str) -> list[str]:
        """The stages whose results a stage took."""
        inputs = self.stages[stage]["inputs"].values()
        every = [n for its in inputs for n in ([its] if isinstance(its, str) else its)]
        return list(dict.fromkeys(every))

    def source(self, stage: str, kind: str) -> str | None:
        """The first of its sources whose result is of a kind."""
        return next((n for n in self.sources(stage) if self.kinds.get(n) == kind), None)

    @property
    def measured(self) -> dict[str, dict[str, float]]:
        """What was measured when results were computed, by stage."""
        return {
            name: {"seconds": e["seconds"], "resumed": e["resumed"], **e["measured"]}
            for name, e in self.stages.items()
        }

    @property
    def synthetic(self) -> bool:
        """Whether a grammar wrote texts of the run."""
        infos = [entry["info"] for entry in self.stages.values() if isinstance(entry["info"], dict)]
        sources = [source for info in infos for source in (info, info.get("source"))]
        return any(isinstance(s, dict) and s.get("source") == "synthetic" for s in sources)

    def _kind(self, name: str) -> str | None:
        folder = self._folder(name)
        return next((k for k, (file, *_) in KINDS.items() if (folder / file).is_file()), None)

    def _load(self, name: str) -> Any:
        _, module, its_class = KINDS[self.kinds[name]]
        return getattr(import_module(module), its_class).load(self._folder(name))

    def _folder(self, name: str) -> Path:
        return self._folder_of(self.stages[name]["digest"])


def label(results: Results, evaluation: str) -> str:
    """What an evaluation is called on the page: the name of its model, unless several evaluate
    it."""
    model = results.source(evaluation, "model")
    same = [e for e in results.of("evaluation") if results.source(e, "model") == model]
    return model if model and same == [evaluation] else evaluation
