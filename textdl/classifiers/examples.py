"""The labelled documents of a corpus, and which of them are kept for validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.progress import Progress
from textdl.text.corpus import Corpus, choose_splits

if TYPE_CHECKING:
    from textdl.classifiers.model import SentimentModel


@dataclass(frozen=True)
class Examples:
    """Documents with labels.

    Attributes:
        documents: int64 ``[n]``, which documents of the corpus.
        labels: int32 ``[n]``, indices into its ``label_names``, or, if a document may have several,
            0 and 1 in ``[n, classes]``.
    """

    documents: NDArray[np.int64]
    labels: NDArray[np.int32]

    @property
    def several(self) -> bool:
        """Whether a document may have several labels."""
        return self.labels.ndim == 2

    def __len__(self) -> int:
        return len(self.documents)

    def __getitem__(self, rows: NDArray[np.integer]) -> Examples:
        return Examples(self.documents[rows], self.labels[rows])


def are_labelled(labels: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which documents have labels, bool ``[documents]``: those without a -1.

    Args:
        labels: int32 ``[documents]`` or ``[documents, classes]``.
    """
    known: NDArray[np.bool_] = labels >= 0
    return known if known.ndim == 1 else np.all(known, axis=1)


def membership(labels: NDArray[np.integer[Any]], classes: int) -> NDArray[np.bool_]:
    """Which labels each document has, bool ``[documents, classes]``."""
    return labels > 0 if labels.ndim == 2 else labels[:, None] == np.arange(classes)


def labelled(corpus: Corpus, split: str, *, at_least: int = 0, several: bool = False) -> Examples:
    """The documents of a split that have a label.

    Args:
        at_least: so many there must be of every label.
        several: documents may have more labels than one, or none of them.

    Raises:
        InputError: there is no such split, it has no labels, only one of them, too few documents
            of one, labels without a name, or several labels per document unless ``several``.
    """
    choose_splits(list(corpus.splits), [split])
    rows = corpus.splits[split]
    labels = np.asarray(corpus.labels[rows.start : rows.stop])
    have = np.flatnonzero(are_labelled(labels))
    if not len(have):
        raise InputError(
            f"split {split!r} has no labels, and a classifier needs them: name a labelled split "
            "with the setting 'split', or read the texts again with their labels"
        )
    examples = Examples(have + rows.start, labels[have])
    names = corpus.label_names
    if examples.several and not several:
        raise InputError(
            f"documents of split {split!r} may have several labels, and this classifier gives "
            "one: use nbsvm, or textcnn, birnn or transformer with the loss 'binary', 'hinge' or "
            "'squared'"
        )
    counts = _counts(examples, names, split)
    if at_least and np.count_nonzero(counts) == 1 and not examples.several:
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


def _counts(examples: Examples, names: list[str], split: str) -> NDArray[np.int64]:
    """How many documents have each label, int64 ``[classes]``."""
    labels = examples.labels
    if not examples.several:
        counts = np.bincount(labels, minlength=len(names))
        if len(counts) > len(names):
            raise InputError(
                f"split {split!r} has labels up to {len(counts) - 1}, but the corpus names only "
                f"{len(names)} ({', '.join(names)}): labels count from 0"
            )
        return counts
    if labels.shape[1] != len(names) or labels.max() > 1:
        raise InputError(
            f"split {split!r} has labels up to {labels.max()} in {labels.shape[1]} columns, and "
            f"the corpus names {len(names)} ({', '.join(names)}): each needs a column of 0 and 1"
        )
    return np.asarray(labels.sum(0), np.int64)


def training_and_validation(
    corpus: Corpus,
    split: str,
    *,
    share: float,
    seed: int,
    progress: Progress,
    several: bool = False,
) -> tuple[Examples, Examples]:
    """What to train on, and what to choose the best epoch by.

    If the corpus has a labelled split ``validation``, it is used. Otherwise ``share`` of ``split``
    is kept for it, the same share of every label, drawn by ``seed``. The test split is never
    looked at.

    Raises:
        InputError: as :func:`labelled`.
    """
    examples = labelled(corpus, split, at_least=2, several=several)
    rows = corpus.splits.get("validation", range(0))
    if split != "validation" and are_labelled(corpus.labels[rows.start : rows.stop]).any():
        validation = labelled(corpus, "validation", several=several)
        progress.note(f"validating on the split 'validation' ({len(validation):,} documents)")
        return examples, validation
    held_out = _held_out(examples, len(corpus.label_names), share, seed)
    return examples[np.flatnonzero(~held_out)], examples[np.flatnonzero(held_out)]


def check_labels(names: Sequence[str], corpus: Corpus) -> None:
    """Let no model pass whose labels, ``names``, are others than those of a corpus, or in another
    order: their numbers would mean something else.

    Raises:
        InputError: they are.
    """
    if list(names) != corpus.label_names:
        raise InputError(
            f"the model's labels are {', '.join(names)}, not those of the corpus, "
            f"{', '.join(corpus.label_names)}: use a model that was trained on it"
        )


def check_held_out(
    models: Mapping[str, SentimentModel], wanted: Mapping[str, Any], *, instead: str = ""
) -> None:
    """Let no model pass that was trained on documents which are held out now.

    Args:
        wanted: the settings ``split``, ``validation`` and ``seed`` that hold them out.
        instead: what else can be done, for the message.

    Raises:
        InputError: a model was trained with other ones.
    """
    for name, model in models.items():
        theirs = dict(model.info.get("settings", {}))
        theirs["seed"] = model.info.get("held_out_by", theirs.get("seed"))
        differing = [key for key, value in wanted.items() if theirs.get(key) != value]
        if differing:
            had = ", ".join(f"{key} {theirs.get(key)}" for key in differing)
            want = ", ".join(f"{key} {wanted[key]}" for key in differing)
            raise InputError(
                f"{name} was trained with {had} instead of {want}, so it has seen documents that "
                f"are held out here: train it with the same{instead}"
            )


def _held_out(examples: Examples, classes: int, share: float, seed: int) -> NDArray[np.bool_]:
    """Which documents are kept for validation, bool ``[n]``.

    Of several labels the rarest is divided first, and of the others what that leaves (after
    Sechidis, Tsoumakas & Vlahavas 2011, "On the Stratification of Multi-label Data").
    """
    generator = np.random.default_rng(seed)
    has = membership(examples.labels, classes)
    order = np.argsort(has.sum(0), kind="stable") if examples.several else np.arange(classes)
    held_out, free = np.zeros(len(examples), np.bool_), np.ones(len(examples), np.bool_)
    for members in (*has.T[order], ~has.any(1)):
        drawn = generator.permutation(np.flatnonzero(members & free))
        held, trained = (members & held_out).sum(), (members & ~free & ~held_out).sum()
        kept = max(round(share * members.sum() - held), 1 - held)
        held_out[drawn[: max(min(kept, len(drawn) - (trained == 0)), 0)]] = True
        free[drawn] = False
    return held_out
