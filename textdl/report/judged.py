"""How sure classifiers were, and what they got wrong."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from textdl.classifiers.examples import Examples, labelled
from textdl.classifiers.excerpt import excerpt
from textdl.classifiers.inputs import label_names
from textdl.classifiers.scores import decide, mistakes
from textdl.report import figures, occlusion
from textdl.report.calibration import calibration
from textdl.report.page import Section
from textdl.report.parts import Mistake, Mistakes
from textdl.report.results import Results, label

DOCUMENTS = 2000
EVALUATIONS = 6
SHOWN = 8


class Judged(NamedTuple):
    """What a model makes of some documents."""

    examples: Examples
    probabilities: NDArray[np.float32]


class Judges:
    """The best classifiers of a run, each with a sample of the documents that it was evaluated
    on.

    Attributes:
        evaluations: those whose corpus and model are there, the best first.
    """

    def __init__(self, results: Results) -> None:
        self.results = results
        whole = [
            name
            for name in results.of("evaluation")
            if results.source(name, "corpus") and results.source(name, "model")
        ]
        accuracy = {name: results.load(name).model.accuracy for name in whole}
        self.evaluations = sorted(whole, key=lambda name: (-accuracy[name], name))[:EVALUATIONS]
        self.judged = cache(self._judged)

    def reads(self, evaluations: list[str]) -> list[str]:
        """The stages whose results are looked at."""
        sources = [n for name in evaluations for n in self.results.sources(name)]
        return [*evaluations, *sources]

    def reliability(self) -> Section | None:
        """A diagram of each."""
        shown = [
            figures.reliability(calibration(its.examples.labels, its.probabilities), name)
            for name, its in (
                (label(self.results, name), self.judged(name)) for name in self.evaluations
            )
        ]
        note = (
            f"Of up to {EVALUATIONS} evaluations, the best by accuracy, on at most {DOCUMENTS:,} "
            "of their documents, drawn with a seed. Bars: how often what was said with about this "
            "probability is right; dots: the same at the mean probability, larger for more "
            "documents (Guo et al. 2017)."
        )
        return Section("Reliability", [note], [*shown]) if shown else None

    def mistakes(self) -> Section | None:
        """The most confident mistakes of the best that made any, with the words on which they
        rest."""
        found = (self._mistakes(name) for name in self.evaluations)
        return next((section for section in found if section), None)

    def _mistakes(self, name: str) -> Section | None:
        corpus, model = self._corpus(name), self._model(name)
        its = self.judged(name)
        wrong, confidence = mistakes(its.examples.labels, its.probabilities)
        several = its.examples.several
        said = label_names(decide(its.probabilities, several=several), corpus.label_names)
        true = label_names(its.examples.labels, corpus.label_names)
        texts = []
        for row, sure in zip(wrong[:SHOWN].tolist(), confidence.tolist(), strict=False):
            tokens = np.asarray(corpus.document(int(its.examples.documents[row])))
            shown = tokens[: occlusion.LONGEST]
            if not len(shown):
                continue
            column = _column(its, row)
            falls = occlusion.weights(model, corpus, shown, column)
            if several and its.probabilities[row, column] < 0.5:
                falls = -falls
            words = [corpus.vocab.words[i] for i in shown.tolist()]
            if len(tokens) > len(shown):
                words.append("…")
            weighed = list(zip(words, [*falls.tolist(), 0.0], strict=False))
            texts.append(Mistake(_joined(said[row]), _joined(true[row]), sure, weighed))
        note = (
            f"Of {len(its.examples):,} documents, {len(wrong):,} are judged wrongly. A word is "
            "marked by how much the probability of what was said falls without it (occlusion: "
            "Zeiler & Fergus 2014; Li, Monroe & Jurafsky 2016): a solid line below those that "
            "spoke for it, a dotted line below those that spoke against it. Words are as the "
            "model reads them; <unk> stands for those that it does not know."
        )
        title = f"Mistakes of {label(self.results, name)}, the surest first"
        return Section("Mistakes", [note], [Mistakes(title, texts)]) if texts else None

    def _judged(self, evaluation: str) -> Judged:
        corpus, model = self._corpus(evaluation), self._model(evaluation)
        split = self.results.load(evaluation).split
        examples = labelled(corpus, split, several=True)
        if len(examples) > DOCUMENTS:
            drawn = np.random.default_rng(1).choice(len(examples), DOCUMENTS, replace=False)
            examples = examples[np.sort(drawn)]
        part = excerpt(corpus, {split: examples})
        return Judged(examples, model.predict_corpus(part, split))

    def _corpus(self, evaluation: str) -> Any:
        return self.results.load(self.results.source(evaluation, "corpus"))

    def _model(self, evaluation: str) -> Any:
        return self.results.load(self.results.source(evaluation, "model"))


def _column(its: Judged, row: int) -> int:
    """The label that a document was judged by: of several, the one most confidently wrong."""
    probabilities = its.probabilities[row]
    if not its.examples.several:
        return int(probabilities.argmax())
    said, true = probabilities >= 0.5, its.examples.labels[row] > 0
    sure = np.where(said, probabilities, 1 - probabilities)
    return int(np.where(said != true, sure, 0).argmax())


def _joined(labels: Any) -> str:
    return labels if isinstance(labels, str) else ", ".join(labels) or "no label"
