"""The tables of a report."""

from __future__ import annotations

from typing import Any

from textdl.classifiers import Evaluation
from textdl.classifiers.examples import membership
from textdl.report.parts import Table
from textdl.report.texts import value_text
from textdl.text.corpus import Corpus
from textdl.vectors import Vectors

# Words that a review of anything is likely to hold, in an order of interest.
TELLING = (
    "good", "bad", "great", "awful", "film", "movie", "actor", "funny", "boring", "story",
    "phone", "battery", "excellent", "terrible", "love",
)  # fmt: skip
SHOWN = 10

MANY = 30
"""Classes whose confusion is shown without being asked for."""


def score_tables(evaluation: Evaluation) -> list[Table]:
    """Overall scores with those of the baseline, of a sweep with mean ± standard deviation, and the
    scores of each class."""
    overall = [("network", evaluation.model)]
    if evaluation.baseline:
        overall.append(("bag of words", evaluation.baseline))
    rows = [[name, f"{s.accuracy:.4f}", f"{s.macro_f1:.4f}"] for name, s in overall]
    if evaluation.seeds:
        spread = [f"{mean:.4f} ± {std:.4f}" for mean, std in evaluation.spread.values()]
        rows.insert(1, [f"mean of {len(evaluation.seeds)} seeds", *spread])
    return [
        Table(
            "Scores",
            ["model", "accuracy", "macro-F1"],
            rows,
            numeric=True,
        ),
        Table(
            "By class",
            ["class", "precision", "recall", "F1", "documents"],
            [
                [
                    name,
                    *(f"{row[key]:.4f}" for key in ("precision", "recall", "f1")),
                    f"{row['documents']:,.0f}",
                ]
                for name, row in evaluation.model.per_class.items()
            ],
            numeric=True,
        ),
    ]


def confusion_table(evaluation: Evaluation, title: str = "Confusion") -> Table:
    """Documents by true class (row) and predicted class (column), shaded by the share of the
    row."""
    names, counts = evaluation.label_names, evaluation.model.confusion
    return Table(
        title,
        ["true \\ predicted", *names],
        [[name, *(f"{n:,}" for n in row)] for name, row in zip(names, counts, strict=True)],
        numeric=True,
        shades={
            (i, j): n / sum(row) for i, row in enumerate(counts) for j, n in enumerate(row, 1) if n
        },
        folded=len(names) > MANY,
    )


def neighbor_table(vectors: Vectors, words: list[str] | None, top: int) -> Table:
    """Some words and what is nearest to them; one without a vector is listed as such."""
    if words is None:
        words = [word for word in TELLING if word in vectors][:SHOWN]
        words = words or vectors.words[:SHOWN]
    rows = []
    for word in words:
        near = vectors.neighbors(word, top=top) if word in vectors else ()
        rows.append([word, ", ".join(f"{w} {score:.2f}" for w, score in near) or "no vector"])
    return Table("Neighbours, with the cosine", ["word", "nearest"], rows)


def corpus_tables(corpus: Corpus) -> list[Table]:
    """Sizes of the splits, and facts of the vocabulary."""
    rows = []
    for name, documents in corpus.splits.items():
        tokens = int(corpus.offsets[documents.stop] - corpus.offsets[documents.start])
        labels = corpus.labels[documents.start : documents.stop]
        counts = [f"{n:,}" for n in membership(labels, len(corpus.label_names)).sum(0).tolist()]
        rows.append([name, f"{len(documents):,}", f"{tokens:,}", *counts])
    info = corpus.info
    facts = {
        "words": f"{info['words']:,}",
        "counted in": ", ".join(info["vocab_splits"]),
        "min_count": str(info["min_count"]),
        "tokens outside it": f"{info['unknown_rate']:.2%}",
    }
    columns = ["split", "documents", "tokens", *corpus.label_names]
    return [
        Table("Splits", columns, rows, numeric=True),
        Table("Vocabulary", ["", ""], [[name, value] for name, value in facts.items()]),
    ]


def settings_table(title: str, settings: dict[str, Any]) -> Table:
    """Settings by name."""
    rows = [[name, value_text(value)] for name, value in settings.items()]
    return Table(title, ["setting", "value"], rows)
