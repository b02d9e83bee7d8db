"""How good a classifier is on a split of a corpus."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from textdl.classifiers.examples import check_labels, labelled
from textdl.classifiers.scores import Scores, decide, majority, mean_and_std, score_labels
from textdl.errors import InputError
from textdl.text.corpus import Corpus


class Classifier(Protocol):
    """What can be evaluated."""

    several: bool
    label_names: list[str]

    def predict_corpus(self, corpus: Corpus, split: str) -> NDArray[np.float32]:
        """Probabilities, float32 ``[documents of the split, classes]``."""
        ...


@dataclass(frozen=True)
class Evaluation:
    """The scores of a classifier, and of a baseline, on one split.

    Attributes:
        split: where the documents are from.
        documents: how many there are.
        majority: the accuracy of always saying the most frequent label of the split, or the most
            frequent set of labels.
        model, baseline: the scores; no baseline if none was given.
        seeds: of a sweep, accuracy and macro-F1 of each of its members.
    """

    split: str
    documents: int
    label_names: list[str]
    majority: float
    model: Scores
    baseline: Scores | None
    seeds: dict[str, dict[str, float]] | None = None

    @property
    def info(self) -> dict[str, Any]:
        """The headline figures; of a sweep also their mean and standard deviation."""
        figures = {"accuracy": self.model.accuracy, "macro_f1": self.model.macro_f1}
        if self.baseline:
            figures["baseline_accuracy"] = self.baseline.accuracy
        for name, (mean, std) in self.spread.items():
            figures |= {f"{name}_mean": mean, f"{name}_std": std}
        return {"split": self.split, "documents": self.documents, **figures}

    @property
    def spread(self) -> dict[str, tuple[float, float]]:
        """The mean and the standard deviation of each score over the seeds; empty without any."""
        members = list((self.seeds or {}).values())
        names = members[0] if members else ()
        return {name: mean_and_std(its[name] for its in members) for name in names}

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
        InputError: there is no such split, nothing in it is labelled, the classifier has other
            labels than the corpus, or gives one where a document may have several, or the other
            way round.
    """
    if split not in corpus.splits:
        raise InputError(
            f"no split {split!r} to evaluate on: the corpus has {', '.join(corpus.splits)}. Name "
            "another with the setting 'split', or give the dataset one"
        )
    examples = labelled(corpus, split, several=True)
    rows = examples.documents - corpus.splits[split].start

    def score(classifier: Classifier) -> Scores:
        if classifier.several != examples.several:
            theirs, ours = (
                "several labels" if many else "one label"
                for many in (examples.several, classifier.several)
            )
            raise InputError(
                f"a document of split {split!r} has {theirs}, and the classifier gives {ours}: "
                "evaluate it on labels like those that it was trained with"
            )
        check_labels(classifier.label_names, corpus)
        probabilities = classifier.predict_corpus(corpus, split)[rows]
        predicted = decide(probabilities, several=classifier.several)
        return score_labels(examples.labels, predicted, corpus.label_names)

    return Evaluation(
        split=split,
        documents=len(examples),
        label_names=corpus.label_names,
        majority=majority(examples.labels),
        model=score(model),
        baseline=score(baseline) if baseline else None,
    )
