"""How often words stand near each other: the counts on disk, and the function that makes them."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from textdl.embeddings.checkpoint import digest_of_corpus
from textdl.embeddings.counting import Counter, claim_runs, distance_weights, divide_memory
from textdl.errors import InputError
from textdl.packed import PackedStrings
from textdl.progress import Progress, Silent
from textdl.replacing import replaced_folder
from textdl.settings import checked
from textdl.text.corpus import Corpus
from textdl.text.tokenizers import Tokenizer, tokenizer_from_settings
from textdl.text.vocab import SPECIALS, Vocab
from textdl.threads import cores


@dataclass(frozen=True, eq=False)
class Cooccurrences:
    """A sparse matrix of counts, memory-mapped; row and column r are word r + 2 of ``vocab``.

    Attributes:
        offsets: int64 ``[words + 1]``; row r is cells ``offsets[r]:offsets[r + 1]``.
        columns: int32 ``[cells]``, ascending in a row.
        values: float32 ``[cells]``, more than 0.
        vocab: the specials and the counted words, in the order of the corpus' vocabulary.
        symmetric: cells (i, j) and (j, i) are equal, and only those with j ≤ i are stored.
        info: settings and origin.
    """

    offsets: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: NDArray[np.float32]
    vocab: Vocab
    tokenizer: Tokenizer
    symmetric: bool
    info: dict[str, Any]
    folder: Path | None = None

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __repr__(self) -> str:
        return f"Cooccurrences({len(self):,} words, {len(self.values):,} stored cells)"

    def matrix(self) -> Any:
        """All cells as a ``scipy.sparse.csr_array`` of shape ``[words, words]``."""
        from scipy.sparse import csr_array, tril

        shape = (len(self), len(self))
        stored = csr_array((self.values, self.columns, self.offsets), shape=shape)
        return (stored + tril(stored, -1).T).tocsr() if self.symmetric else stored

    def save(self, folder: str | Path) -> None:
        """Write the counts into ``folder``; nothing is done if they lie there already."""
        folder = Path(folder)
        if self.folder is not None and self.folder.resolve() == folder.resolve():
            return
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "columns.npy", self.columns)
        np.save(folder / "values.npy", self.values)
        self.write_all_but_cells(folder)

    def write_all_but_cells(self, folder: Path) -> None:
        """What :meth:`save` writes, for a writer that has streamed the cells to their place."""
        np.save(folder / "offsets.npy", self.offsets)
        self.vocab.save(folder / "vocab.safetensors")
        description = {
            "symmetric": self.symmetric,
            "tokenizer": self.tokenizer.settings(),
            "info": self.info,
        }
        text = json.dumps(description, ensure_ascii=False, indent=1)
        (folder / "cooccurrences.json").write_text(text, "utf-8")

    @classmethod
    def load(cls, folder: str | Path) -> Cooccurrences:
        """Open saved counts.

        Raises:
            InputError: the folder holds no counts, or damaged ones.
        """
        folder = Path(folder)
        try:
            description = json.loads((folder / "cooccurrences.json").read_text("utf-8"))
            offsets, columns, values = (
                np.load(folder / f"{name}.npy", mmap_mode="r")
                for name in ("offsets", "columns", "values")
            )
            vocab = Vocab.load(folder / "vocab.safetensors")
            cells = (int(offsets[-1]),)
            if columns.shape != cells or values.shape != cells:
                raise ValueError("offsets.npy, columns.npy and values.npy don't belong together")
            if len(offsets) != len(vocab) - len(SPECIALS) + 1:
                raise ValueError("offsets.npy and vocab.safetensors don't belong together")
            tokenizer = tokenizer_from_settings(description["tokenizer"])
            symmetric, info = description["symmetric"], description["info"]
        except InputError:
            raise
        except (OSError, EOFError, IndexError, KeyError, TypeError, ValueError) as error:
            raise InputError(f"{folder}: no complete co-occurrence counts ({error})") from error
        return cls(offsets, columns, values, vocab, tokenizer, symmetric, info, folder)


@checked
def count_cooccurrences(
    corpus: Corpus,
    folder: str | Path,
    *,
    window: Annotated[int, Ge(1), Le(1000)] = 15,
    symmetric: bool = True,
    distance_weighting: bool = True,
    min_count: Annotated[int, Ge(0)] = 0,
    splits: list[str] | None = None,
    memory: Annotated[float, Gt(0)] = 1e9,
    workers: Annotated[int, Ge(1)] | None = None,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
) -> Cooccurrences:
    """Count how often words stand near each other (Pennington, Socher & Manning 2014, "GloVe:
    Global Vectors for Word Representation", section 3) and write the counts into ``folder``.

    Cell (i, j) sums 1/distance over the pairs of a word i and a word j that are at most ``window``
    words apart in a document. As in GloVe's ``cooccur``, words without a row, unknown ones among
    them, take up no position, and a pair of equal words counts in both directions.

    Args:
        window: words to either side; 15 as ``cooccur`` has it (the paper uses 10).
        symmetric: contexts on both sides; otherwise i stands before j.
        distance_weighting: otherwise every pair counts 1.
        min_count: words that the vocabulary counts fewer times get no row; 0 leaves out none, nor
            BPE pieces that never occur.
        splits: default every split but ``test`` and ``validation``.
        memory: bytes for counting; changes nothing about the result.
        workers: threads; default one per core; change nothing about the result.
        checkpoints: a folder in which runs are kept that a killed process has finished.
        progress: what hears of tokens and runs.

    Raises:
        InputError: a setting is out of range, no word is left, ``memory`` is too little, the corpus
            is damaged, the runs in ``checkpoints`` are of another counting, or the disk is full.
    """
    progress = progress or Silent()
    workers = workers or cores()
    folder = Path(folder)
    splits = corpus.training_splits(splits)
    vocab, rows = _choose_words(corpus.vocab, min_count)
    words = len(vocab) - len(SPECIALS)
    block, stretch = divide_memory(memory, words, workers)
    settings = {
        "window": window, "symmetric": symmetric, "distance_weighting": distance_weighting,
        "min_count": min_count, "splits": splits,
    }  # fmt: skip
    identity = {**settings, "corpus": digest_of_corpus(corpus)} if checkpoints else settings
    runs = checkpoints or folder / ".runs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if checkpoints is None:
            shutil.rmtree(runs, ignore_errors=True)
        claim_runs(runs, identity)
        with (
            Counter(words, workers, block, progress) as counter,
            replaced_folder(folder, last="cooccurrences.json") as new,
        ):
            weights = distance_weights(window, distance_weighting)
            done = counter.count(corpus, splits, rows, weights, symmetric, stretch, runs)
            offsets = counter.merge(done, new)
            if checkpoints is None:
                shutil.rmtree(runs, ignore_errors=True)
            result = Cooccurrences(
                offsets,
                np.load(new / "columns.npy", mmap_mode="r"),
                np.load(new / "values.npy", mmap_mode="r"),
                vocab,
                corpus.tokenizer,
                symmetric,
                {"settings": settings, "cells": int(offsets[-1]), "corpus": corpus.info},
                folder,
            )
            result.write_all_but_cells(new)
    except OSError as error:
        kept = f"; the runs in {runs} are kept" if checkpoints else ""
        raise InputError(
            f"{error.filename or folder}: can't be written ({error.strerror or error}){kept}. "
            "Make room on the disk and start again"
        ) from error
    return result


def _choose_words(vocab: Vocab, min_count: int) -> tuple[Vocab, NDArray[np.int32]]:
    """The vocabulary of the words with a row, and the row of every word of the corpus' one."""
    first = len(SPECIALS)
    chosen = np.flatnonzero(np.asarray(vocab.counts[first:]) >= min_count) + first
    if not len(chosen):
        raise InputError(f"no word occurs {min_count} times: lower min_count")
    rows = np.full(len(vocab), -1, np.int32)
    rows[chosen] = np.arange(len(chosen))
    if len(chosen) == len(vocab) - first:
        return vocab, rows
    names = (vocab.words[i] for i in chosen.tolist())
    counts = np.concatenate([[0, vocab.counts.sum()], vocab.counts[chosen]]).astype(np.int64)
    counts[1] -= counts[2:].sum()
    return Vocab(PackedStrings.pack([*SPECIALS, *names]), counts), rows
