"""How many documents a second textdl's networks do, and the plain ones, by turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import plain_networks as plain
import torch
from cases import Case, digest
from embeddings import Results, timed

from textdl import Corpus, SentimentModel, Vectors
from textdl.progress import Silent

AT_LEAST = {"train": {"TextCNN": 2.5, "biRNN": 4}, "predict": {"TextCNN": 3, "biRNN": 3}}


class Watch(Silent):
    """Knows when the first step ended."""

    started, done = 0.0, 0.0

    def update(self, done: float, total: float, unit: str, **facts: float) -> None:
        if not self.started:
            self.started, self.done = time.perf_counter(), done


@dataclass(eq=False)
class Race:
    """textdl's networks and the plain ones on the same reviews.

    Attributes:
        reviews: sorted by label.
        trainers: textdl's, by network.
        settings: what they train with.
        documents: how many are trained on.
        inference: how many are predicted.
    """

    reviews: Case
    trainers: dict[str, Callable[..., SentimentModel]]
    settings: dict[str, dict[str, Any]]
    documents: int
    inference: int
    models: dict[tuple[str, str], Callable[[list[str]], Any]] = field(default_factory=dict)

    @cached_property
    def corpus(self) -> Corpus:
        """Of reviews around the middle, where the label changes, with the whole vocabulary."""
        whole = self.reviews.corpus
        rows = whole.splits["train"]
        start = max(len(rows) - self.documents, 0) // 2
        splits = {"train": rows[start : start + self.documents], "validation": rows[:64]}
        return replace(whole, splits=splits)

    @cached_property
    def vectors(self) -> Vectors:
        """Drawn: speed does not depend on what they are."""
        words = list(self.corpus.vocab.words)[2:]
        shape = len(words), self.reviews.settings["vectors"]["dim"]
        return Vectors(words, np.random.default_rng(1).normal(0, 0.3, shape).astype(np.float32))

    @cached_property
    def vocab(self) -> plain.PlainVocab:
        return plain.PlainVocab(self.reviews.part("train")[0])

    @cached_property
    def examples(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The plain networks' input, and labels."""
        rows, documents = self.corpus.splits["train"], self.reviews.documents
        labels = torch.from_numpy(documents.labels[rows].astype(np.int64))
        return self.vocab.encode(documents.texts[i] for i in rows), labels

    def train(self, row: str, who: str, repeat: int) -> dict[str, float]:
        if who == "plain":
            network = plain.NETWORKS[row](len(self.vocab))
            speed = plain.train(network, *self.examples, seed=repeat)
            self.models[row, who] = partial(plain.predict, network, self.vocab)
        else:
            watch, settings = Watch(), {**self.settings[row], "epochs": 1, "seed": repeat}
            model = self.trainers[row](self.corpus, self.vectors, progress=watch, **settings)
            seconds = time.perf_counter() - watch.started
            speed = (len(self.corpus.splits["train"]) - watch.done) / seconds
            self.models[row, who] = model.predict_proba
        return {"per second": speed}

    def predict(self, row: str, who: str, repeat: int) -> dict[str, float]:
        if (row, who) not in self.models:
            self.train(row, who, repeat)
        predict, (texts, _) = self.models[row, who], self.reviews.part("test")
        order = np.random.default_rng(repeat).permutation(len(texts))[: self.inference]
        texts = [texts[i] for i in order]
        predict(texts[:64])
        return {"per second": len(texts) / timed(lambda: predict(texts))[0]}

    def run(self, results: Results, repeats: int) -> None:
        for repeat in range(1, repeats + 1):
            for row in self.settings:
                for what, measure in (("train", self.train), ("predict", self.predict)):
                    for who in ("plain", "textdl"):
                        name = f"{self._name(what, row, who)} {repeat}"
                        results.once(name, partial(measure, row, who, repeat))

    def print(self, results: Results) -> None:
        units = {"train": "examples/s", "predict": "documents/s"}
        lines = []
        for what, bars in AT_LEAST.items():
            for row, bar in bars.items():
                ours, theirs = (
                    results.all(self._name(what, row, who), "per second")
                    for who in ("textdl", "plain")
                )
                if ours and theirs:
                    a, b = statistics.median(ours), statistics.median(theirs)
                    name = f"{what} {row}, {units[what]}"
                    lines.append(f"{name:30}{a:10,.0f}{b:10,.0f}{a / b:8.2f}   {bar}")
        if lines:
            print(f"\n{'':30}{'textdl':>10}{'plain':>10}{'ratio':>8}   at least", *lines, sep="\n")

    def _name(self, what: str, row: str, who: str) -> str:
        size = self.documents if what == "train" else self.inference
        text = self.reviews.settings["corpus"], self.reviews.settings["vectors"]["dim"]
        return f"{what} {row} {who} {digest(self.settings[row], text, size)}"
