"""How good a classifier is: accuracy, F1, confusion matrix."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.text.corpus import Corpus


class Classifier(Protocol):
    """What can be evaluated."""

    def predict_corpus(self, corpus: Corpus, split: str) -> NDArray[np.float32]:
        """Probabilities, float32 ``[documents of the split, classes]``."""
        ...


@dataclass(frozen=True)
class Scores:
    """How good predictions are.

    Attributes:
        accuracy: the share of documents whose most probable label is the true one.
        macro_f1: the mean of the classes' F1, however rare a class is.
        confusion: documents by true label (row) and predicted label (column).
        per_class: precision, recall, F1 and number of documents of each label.
    """

    accuracy: float
    macro_f1: float
    confusion: list[list[int]]
    per_class: dict[str, dict[str, float]]


@dataclass(frozen=True)
class Evaluation:
    """The scores of a classifier, and of a baseline, on one split.

    Attributes:
        split: where the documents are from.
        documents: how many there are.
        majority: the accuracy of always saying the most frequent label of the split.
        model, baseline: the scores; no baseline if none was given.
    """

    split: str
    documents: int
    label_names: list[str]
    majority: float
    model: Scores
    baseline: Scores | None

    @property
    def info(self) -> dict[str, Any]:
        """The headline figures."""
        figures = {"accuracy": self.model.accuracy, "macro_f1": self.model.macro_f1}
        if self.baseline:
            figures["baseline_accuracy"] = self.baseline.accuracy
        return {"split": self.split, "documents": self.documents, **figures}

    def save(self, folder: str | Path) -> None:
        """Write ``evaluation.json``."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        (folder / "evaluation.json").write_text(text, "utf-8")

    @classmethod
    def load(cls, folder: str | Path) -> Evaluation:
        """Read a saved evaluation.

        Raises:
            InputError: the folder holds none, or a damaged one.
        """
        folder = Path(folder)
        try:
            fields = json.loads((folder / "evaluation.json").read_text("utf-8"))
            fields["model"] = Scores(**fields["model"])
            fields["baseline"] = fields["baseline"] and Scores(**fields["baseline"])
            return cls(**fields)
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise InputError(f"{folder}: holds no complete evaluation ({error})") from error


def evaluate(
    corpus: Corpus, model: Classifier, baseline: Classifier | None = None, *, split: str = "test"
) -> Evaluation:
    """Score a classifier on the labelled documents of a split.

    Raises:
        InputError: there is no such split, or nothing in it is labelled.
    """
    if split not in corpus.splits:
        raise InputError(
            f"no split {split!r} to evaluate on: the corpus has {', '.join(corpus.splits)}. Name "
            "another with the setting 'split', or give the dataset one"
        )
    rows = corpus.splits[split]
    labels = np.asarray(corpus.labels[rows.start : rows.stop])
    labelled = labels >= 0
    if not labelled.any():
        raise InputError(f"nothing to evaluate on: no document of split {split!r} has a label")
    true = labels[labelled]

    def score(classifier: Classifier) -> Scores:
        predicted = classifier.predict_corpus(corpus, split)[labelled].argmax(axis=1)
        return score_labels(true, predicted, corpus.label_names)

    return Evaluation(
        split=split,
        documents=len(true),
        label_names=corpus.label_names,
        majority=float(np.bincount(true).max() / len(true)),
        model=score(model),
        baseline=score(baseline) if baseline else None,
    )


def score_labels(
    true: NDArray[np.integer[Any]], predicted: NDArray[np.integer[Any]], names: list[str]
) -> Scores:
    """Compare two lists of labels ``[documents]``."""
    from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

    every = range(len(names))
    columns = precision_recall_fscore_support(true, predicted, labels=every, zero_division=0)
    per_class = {
        name: {"precision": float(p), "recall": float(r), "f1": float(f), "documents": int(n)}
        for name, p, r, f, n in zip(names, *columns, strict=True)
    }
    return Scores(
        accuracy=float(accuracy_score(true, predicted)),
        macro_f1=float(np.mean([row["f1"] for row in per_class.values()])),
        confusion=confusion_matrix(true, predicted, labels=every).tolist(),
        per_class=per_class,
    )
