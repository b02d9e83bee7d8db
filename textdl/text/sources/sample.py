"""A few documents of each split."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from textdl.text.documents import Documents, DocumentsWriter


def sample_documents(
    documents: Documents, folder: str | Path, size: int, seed: int = 1
) -> Documents:
    """Draw at most ``size`` documents of each split, uniformly, and keep their order.

    Which documents of a split are drawn depends on ``seed``, the split's name and its size only,
    not on the other splits. The names of labels stay, also of those that no drawn document has.

    Args:
        documents: drawn from; must lie in another folder.
        folder: where the sample will lie.
        size: at least 1.
        seed: not negative.
    """
    with DocumentsWriter(folder) as writer:
        for name, rows in documents.splits.items():
            writer.begin_split(name)
            random = np.random.default_rng([seed, *name.encode()])
            drawn = random.choice(len(rows), min(size, len(rows)), replace=False)
            for i in np.sort(drawn) + rows.start:
                writer.write(documents.texts.encoded(i))
                writer.end(int(i))
        info = {**documents.info, "sample": size, "seed": seed}
        return writer.close(documents.label_names, info, np.asarray(documents.labels))
