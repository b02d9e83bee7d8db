"""The labelled documents of a corpus, and which of them are kept for validation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.progress import Progress
from textdl.text.corpus import Corpus, choose_splits


@dataclass(frozen=True)
class Examples:
    """Documents with labels.

    Attributes:
        documents: int64 ``[n]``, which documents of the corpus.
        labels: int32 ``[n]``, indices into its ``label_names``.
    """

    documents: NDArray[np.int64]
    labels: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.documents)

    def __getitem__(self, rows: NDArray[np.integer]) -> Examples:
        return Examples(self.documents[rows], self.labels[rows])


def labelled(corpus: Corpus, split: str, *, at_least: int = 0) -> Examples:
    """The documents of a split that have a label.

    Args:
        at_least: so many there must be of every label.

    Raises:
        InputError: there is no such split, it has no labels, only one of them, too few documents
            of one, or labels without a name.
    """
    choose_splits(list(corpus.splits), [split])
    rows = corpus.splits[split]
    labels = np.asarray(corpus.labels[rows.start : rows.stop])
    names = corpus.label_names
    have = np.flatnonzero(labels >= 0)
    if not len(have):
        raise InputError(
            f"split {split!r} has no labels, and a classifier needs them: name a labelled split "
            "with the setting 'split', or read the texts again with their labels"
        )
    examples = Examples(have + rows.start, labels[have])
    counts = np.bincount(examples.labels, minlength=len(names))
    if len(counts) > len(names):
        raise InputError(
            f"split {split!r} has labels up to {len(counts) - 1}, but the corpus names only "
            f"{len(names)} ({', '.join(names)}): labels count from 0"
        )
    if at_least and np.count_nonzero(counts) == 1:
        raise InputError(
            f"every document of split {split!r} has the label {names[int(counts.argmax())]!r}: "
            "a classifier needs at least two labels to tell apart"
        )
    rare = int(counts.argmin())
    if counts[rare] < at_least:
        raise InputError(
            f"split {split!r} has {int(counts[rare])} of the label {names[rare]!r}, and training "
            f"needs at least {at_least} of every label: add some, or leave this label out"
        )
    return examples


def training_and_validation(
    corpus: Corpus, split: str, *, share: float, seed: int, progress: Progress
) -> tuple[Examples, Examples]:
    """What to train on, and what to choose the best epoch by.

    If the corpus has a labelled split ``validation``, it is used. Otherwise ``share`` of ``split``
    is kept for it, the same share of every label, drawn by ``seed``. The test split is never
    looked at.

    Raises:
        InputError: as :func:`labelled`.
    """
    examples = labelled(corpus, split, at_least=2)
    rows = corpus.splits.get("validation", range(0))
    if split != "validation" and np.any(corpus.labels[rows.start : rows.stop] >= 0):
        validation = labelled(corpus, "validation")
        progress.note(f"validating on the split 'validation' ({len(validation):,} documents)")
        return examples, validation
    generator = np.random.default_rng(seed)
    kept = []
    for label in range(len(corpus.label_names)):
        members = generator.permutation(np.flatnonzero(examples.labels == label))
        kept.append(members[: min(max(1, round(share * len(members))), len(members) - 1)])
    held_out = np.zeros(len(examples), np.bool_)
    held_out[np.concatenate(kept)] = True
    return examples[np.flatnonzero(~held_out)], examples[np.flatnonzero(held_out)]
