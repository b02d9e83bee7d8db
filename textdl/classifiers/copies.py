"""Changed copies of the training documents, made once: augmentation that any classifier can use."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Lt

from textdl.classifiers.augmentation import Shares, augmentation
from textdl.classifiers.examples import training_and_validation
from textdl.errors import InputError
from textdl.progress import Progress, Silent
from textdl.settings import checked, with_settings_of
from textdl.text.corpus import Corpus
from textdl.vectors import Vectors


@checked
@with_settings_of(Shares, documents=1.0)
def augment_corpus(
    corpus: Corpus,
    vectors: Vectors | None = None,
    *,
    copies: Annotated[int, Ge(1)] = 4,
    split: str = "train",
    validation: Annotated[float, Gt(0), Lt(1)] = 0.1,
    seed: Annotated[int, Ge(0)] = 1,
    settings: Shares,
    progress: Progress | None = None,
) -> Corpus:
    """A corpus in memory with changed copies of the labelled documents of a split behind it.

    Validation documents must have no copies among those that are trained on. Unless the corpus has
    a labelled split ``validation``, they become one: the same documents that the trainers would
    hold out of the split. The other splits and the vocabulary, with its counts, stay what they are.
    The same arguments give the same corpus.

    Args:
        vectors: for synonyms, without which ``replace`` and ``insert`` must be 0; best those of the
            corpus itself.
        copies: how many of each document; Wei & Zou (2019) make 4 of each of 5,000 or more, and 16
            of each of 500.
        split: whose labelled documents are copied.
        validation, seed: say which documents are held out; the seed also how copies are changed.
        settings: its fields are keywords of this function:
            :class:`~textdl.classifiers.augmentation.Shares`, of the copies.
        progress: what hears of synonyms and of documents.

    Raises:
        InputError: a setting is out of range, vectors are missing or of other words, or the split
            can't be trained on.
    """
    progress = progress or Silent()
    if split == "validation":
        raise InputError("split 'validation' is not trained on: name another to augment")
    change = augmentation(settings, corpus.vocab, vectors, progress)
    assert change is not None
    training, held_out = training_and_validation(
        corpus, split, share=validation, seed=seed, progress=progress, several=True
    )
    rows = {
        split: np.setdiff1d(corpus.splits[split], held_out.documents),
        "validation": np.union1d(corpus.splits.get("validation", range(0)), held_out.documents),
    }
    rows |= {name: np.array(its) for name, its in corpus.splits.items() if name not in rows}

    originals = [corpus.document(i) for i in training.documents.tolist()]
    texts = np.concatenate(originals)
    ends = np.cumsum([0, *map(len, originals)])
    tokens, lengths, labels, splits, start = [], [], [], {}, 0
    for name, chosen in rows.items():
        documents = chosen.astype(np.int64)
        tokens += [corpus.document(i) for i in documents.tolist()]
        lengths.append(np.diff(corpus.offsets)[documents])
        labels.append(np.asarray(corpus.labels)[documents])
        size = len(documents)
        for number in range(copies if name == split else 0):
            changed, offsets = change(texts, ends, seed=seed, epoch=number)
            tokens.append(changed)
            lengths.append(np.diff(offsets))
            labels.append(training.labels)
            size += len(training)
            progress.update((number + 1) * len(training), copies * len(training), "documents")
        splits[name] = range(start, start := start + size)
    progress.note(f"{copies * len(training):,} copies of {len(training):,} documents")
    made = {"copies": copies, "split": split, "validation": validation, "seed": seed}
    return replace(
        corpus,
        tokens=np.concatenate(tokens),
        offsets=np.concatenate([[0], np.cumsum(np.concatenate(lengths))]),
        labels=np.concatenate(labels),
        splits=splits,
        info={
            **corpus.info,
            "tokens": sum(map(len, tokens)),
            "augmentation": {**made, **asdict(settings)},
        },
        folder=None,
    )
