"""Building an index, and opening a saved one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Le, MultipleOf

from textdl.errors import InputError
from textdl.progress import Progress, Silent
from textdl.settings import checked
from textdl.tensors import open_tensors
from textdl.vectors.indexes.exact import Exact
from textdl.vectors.indexes.hnsw import Hnsw
from textdl.vectors.indexes.index import FILE, Index, fingerprint
from textdl.vectors.indexes.ivf import Ivf
from textdl.vectors.indexes.lsh import Lsh
from textdl.vectors.indexes.recall import NEAREST, RecallSample
from textdl.vectors.indexes.structure import Structure, changed
from textdl.vectors.vectors import Vectors

STRUCTURES: dict[str, type[Structure]] = {"hnsw": Hnsw, "ivf": Ivf, "lsh": Lsh, "exact": Exact}

Positive = Annotated[int, Ge(1)]


@checked
def build_index(
    vectors: Vectors,
    kind: Literal["hnsw", "ivf", "lsh", "exact"] = "hnsw",
    *,
    m: Annotated[int, Ge(2), Le(512)] | None = None,
    ef_construction: Positive | None = None,
    ef_search: Positive | None = None,
    workers: Positive | None = None,
    nlist: Positive | None = None,
    nprobe: Positive | None = None,
    bits: Annotated[int, Ge(64), Le(1 << 14), MultipleOf(64)] | None = None,
    candidates: Positive | None = None,
    seed: Annotated[int, Ge(0), Le(2**31 - 1)] = 1,
    check: Annotated[int, Ge(0)] = 1000,
    folder: str | Path | None = None,
    progress: Progress | None = None,
) -> Index:
    """Build an index of all words. The same seed builds the same index.

    Args:
        vectors: words to index.
        kind: ``hnsw``, a graph: the fastest to search, slow to build. ``ivf``, lists around
            centres: quick to build. ``lsh``, signatures of bits: the smallest, needs no faiss.
            ``exact``: compares with all words.
        m: links of a word in the graph; hnsw, 16.
        ef_construction: how many words are kept in view when one is linked; hnsw, 100.
        ef_search: how many are kept in view in a search; hnsw, 128.
        workers: threads that build the graph; hnsw, 1. With more, no two graphs are quite the same.
        nlist: how many lists there are; ivf, twice the root of the number of words.
        nprobe: how many lists are searched; ivf, 64.
        bits: the length of a signature, a multiple of 64; lsh, 512.
        candidates: how many words with the most similar signatures are compared; lsh, 500.
        seed: where chance comes in.
        check: how many words :attr:`Index.recall` is measured with; 0 to leave that out.
        folder: save the index there.

    Raises:
        InputError: a setting is wrong or of another kind, there are no words, or faiss is not
            installed.
    """
    given = {
        "m": m,
        "ef_construction": ef_construction,
        "ef_search": ef_search,
        "workers": workers,
        "nlist": nlist,
        "nprobe": nprobe,
        "bits": bits,
        "candidates": candidates,
    }
    if not len(vectors) or not vectors.dim:
        raise InputError("there are no vectors to index")
    progress = progress or Silent()
    settings = changed(kind, STRUCTURES[kind].defaults(len(vectors)), given)
    structure = STRUCTURES[kind].build(vectors, settings, seed, progress)
    sample = RecallSample.draw(vectors, check, seed)
    index = Index(vectors, kind, settings, structure, sample)
    if index.recall is not None:
        progress.note(
            f"{kind} index of {len(vectors):,} words: recall@{NEAREST} {index.recall:.3f} over "
            f"{len(sample.rows):,} of them"
        )
    if folder is not None:
        index.save(folder)
    return index


def load_index(vectors: Vectors, folder: str | Path) -> Index:
    """Open an index that was saved.

    Raises:
        InputError: the folder holds none, a damaged one or one of other vectors, or faiss is
            needed and not installed.
    """
    folder = Path(folder)
    tensors, metadata = open_tensors(folder / FILE)
    try:
        saved = json.loads(metadata["index"])
        if saved["vectors"] != fingerprint(vectors):
            raise InputError(f"{folder}: the index belongs to other vectors: build it again")
        structure = STRUCTURES[saved["kind"]].load(vectors, folder, tensors)
        sample = RecallSample.restore(vectors, tensors)
        return Index(vectors, saved["kind"], saved["settings"], structure, sample, saved["recall"])
    except InputError:
        raise
    except (OSError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"{folder}: not a complete index ({error}). Build it again") from error
