"""Self-training: what a model says about documents without a label is learned from, too.

Yarowsky 1995, "Unsupervised Word Sense Disambiguation Rivaling Supervised Methods"; Lee 2013,
"Pseudo-Label: The Simple and Efficient Semi-Supervised Learning Method for Deep Neural Networks".
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le, Lt
from numpy.typing import NDArray

from textdl.classifiers.ensemble import Ensemble
from textdl.classifiers.examples import (
    Examples,
    are_labelled,
    check_held_out,
    check_labels,
    membership,
    training_and_validation,
)
from textdl.classifiers.excerpt import excerpt
from textdl.classifiers.model import SentimentModel
from textdl.classifiers.scores import decide
from textdl.errors import InputError
from textdl.progress import Progress, Silent
from textdl.settings import checked
from textdl.text.corpus import Corpus, choose_splits


@checked
def pseudo_label(
    corpus: Corpus,
    model: SentimentModel,
    *,
    unlabelled: str = "unsupervised",
    confidence: Annotated[float, Gt(0), Le(1)] = 0.9,
    split: str = "train",
    validation: Annotated[float, Gt(0), Lt(1)] = 0.1,
    seed: Annotated[int, Ge(0)] = 1,
    progress: Progress | None = None,
) -> Corpus:
    """A corpus in memory whose training split also has documents that a model has labelled.

    Documents of which the model is not sure enough stay where they are. A model's opinion is
    nothing to validate on: unless the corpus has a labelled split ``validation``, the documents
    that the trainers would hold out of the training split become one.

    Args:
        model: the teacher, trained on this corpus; best an :class:`Ensemble`, since a network
            learns less from its own opinion than from others'.
        unlabelled: the split whose documents without a label are given one.
        confidence: how probable a label must be; of several per document, each or its absence.
        split, validation, seed: say which documents are held out, and must be as they were in the
            model's training unless the corpus has a split ``validation``.
        progress: what hears of how many documents got which label.

    Raises:
        InputError: there is no document without a label, or none that the model is sure of; the
            model has other labels or another vocabulary than the corpus, or was trained on
            validation documents; or the training split can't be trained on.
    """
    progress = progress or Silent()
    if "validation" in (split, unlabelled):
        raise InputError("split 'validation' is not trained on: name another one")
    _, held_out = training_and_validation(
        corpus, split, share=validation, seed=seed, progress=progress, several=True
    )
    if model.several != held_out.several:
        raise InputError(
            "the corpus and the model don't agree on whether a document can have several labels: "
            "use a model that was trained on it"
        )
    check_labels(model.label_names, corpus)
    if held_out.documents[0] not in corpus.splits.get("validation", range(0)):
        members = model.models if isinstance(model, Ensemble) else {"the model": model}
        check_held_out(members, {"split": split, "validation": validation, "seed": seed})

    choose_splits(list(corpus.splits), [unlabelled])
    labels = np.array(corpus.labels)
    rows = {name: np.arange(its.start, its.stop) for name, its in corpus.splits.items()}
    candidates = rows[unlabelled]
    without = ~are_labelled(labels[candidates])
    if not without.any():
        raise InputError(
            f"split {unlabelled!r} has no document without a label: name one that has some with "
            f"the setting 'unlabelled', of {', '.join(corpus.splits)}"
        )
    candidates = candidates[without]
    probabilities = model.predict_corpus(corpus, unlabelled)[without]
    guesses = decide(probabilities, several=model.several)
    has = membership(guesses, probabilities.shape[1])
    certainty = np.where(has, probabilities, 1 - probabilities).min(1)
    sure = certainty >= confidence
    taken = candidates[sure]
    if not len(taken):
        raise InputError(
            f"no document of split {unlabelled!r} has a label of probability {confidence} (the "
            f"surest: {certainty.max():.3f}): lower the setting 'confidence'"
        )
    labels[taken] = guesses[sure]
    progress.note(
        f"{len(taken):,} of {len(candidates):,} documents get a label: "
        + _shares(labels[taken], corpus.label_names)
    )

    rows[unlabelled] = np.setdiff1d(rows[unlabelled], taken)
    rows[split] = np.concatenate([np.setdiff1d(rows[split], held_out.documents), taken])
    rows["validation"] = np.union1d(rows.get("validation", held_out.documents), held_out.documents)
    made = excerpt(corpus, {name: Examples(its, labels[its]) for name, its in rows.items()})
    settings = {"unlabelled": unlabelled, "confidence": confidence}
    held = {"split": split, "validation": validation, "seed": seed}
    info = {**settings, **held, "documents": len(taken)}
    return replace(made, info={**corpus.info, "pseudo_labels": info})


def _shares(labels: NDArray[np.int32], names: list[str]) -> str:
    shares = membership(labels, len(names)).mean(0).tolist()
    return ", ".join(f"{name} {share:.1%}" for name, share in zip(names, shares, strict=True))
