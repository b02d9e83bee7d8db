"""A test split for datasets without one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.text.documents import Documents, DocumentsWriter

TEST = "test"


def hold_out_documents(
    documents: Documents, folder: str | Path, share: float, seed: int = 1
) -> Documents:
    """Make a share of the labelled documents in the split ``train`` a split ``test``, and keep the
    order of both. Of every label that is a document's only one, it is the same share.

    Args:
        documents: drawn from; must lie in another folder.
        folder: where all will lie.
        share: between 0 and 1.
        seed: decides which documents are drawn.

    Raises:
        InputError: there is a test split already, or nothing to draw.
    """
    if TEST in documents.splits:
        raise InputError("the dataset has a split 'test': leave the setting `test` out")
    rows = documents.splits.get("train", range(0))
    drawn = rows.start + _drawn(documents.labels[rows.start : rows.stop], share, seed)
    if not len(drawn):
        raise InputError(
            f"no documents for a test split: {share:.0%} of the labelled ones in 'train' are none; "
            "choose a larger share with `test`"
        )
    parts = {name: np.arange(its.start, its.stop) for name, its in documents.splits.items()}
    parts["train"] = np.setdiff1d(parts["train"], drawn)
    parts[TEST] = drawn
    with DocumentsWriter(folder) as writer:
        for name, places in parts.items():
            writer.begin_split(name)
            for i in places.tolist():
                writer.write(documents.texts.encoded(i))
                writer.end(i)
        info = {**documents.info, "test": share, "test_seed": seed}
        return writer.close(documents.label_names, info, np.asarray(documents.labels))


def _drawn(labels: NDArray[np.int32], share: float, seed: int) -> NDArray[np.int64]:
    """Places of the share, in order: labels are int32 ``[documents]``, or ``[documents, classes]``;
    negative ones are none."""
    random = np.random.default_rng([seed, *TEST.encode()])
    if labels.ndim > 1:
        groups = [np.flatnonzero((labels >= 0).all(1))]
    else:
        groups = [np.flatnonzero(labels == label) for label in np.unique(labels[labels >= 0])]
    picked = [random.choice(group, round(share * len(group)), replace=False) for group in groups]
    return np.sort(np.concatenate(picked)) if picked else np.empty(0, np.int64)
