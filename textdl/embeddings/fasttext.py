"""FastText: words as the mean of their own vector and those of their character n-grams.

Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information". Skip-gram with negative
sampling, where the vector of a word w is

    v_w = (x_w + Σ_g x_g) / (1 + n)

over its n n-grams g, which are hashed into a table of ``bucket`` rows x. Words that were never seen
have vectors too, the mean of their n-grams. In the mode ``floret`` (Boyd & Warmerdam 2022, "floret:
lightweight, robust word vectors") words themselves are hashed into the same, small table.

A word's vector is made once for its window and meets all words around it together with negative
samples that those share; each sample stands for as many as there are words around.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le

from textdl.embeddings.cbow import cbow_trainer
from textdl.embeddings.device import train_on_device
from textdl.embeddings.hogwild import Stretch, Train, compiled, train_epochs
from textdl.embeddings.parts import Parts
from textdl.embeddings.sampling import noise
from textdl.embeddings.state import State, unpadded
from textdl.embeddings.task import Task
from textdl.errors import InputError
from textdl.progress import Progress
from textdl.settings import checked
from textdl.text.corpus import Corpus
from textdl.vectors import Vectors
from textdl.vectors.ngrams import Ngrams
from textdl.vectors.subwords import SubwordComposition

SAMPLES = 4
"""Negative samples that a window draws for each of ``negative``. Its pairs share them, and fewer
that count more would make its steps noisier."""


@checked
def train_fasttext(
    corpus: Corpus,
    *,
    dim: Annotated[int, Ge(1), Le(10_000)] = 100,
    window: Annotated[int, Ge(1), Le(1000)] = 5,
    architecture: Literal["skipgram", "cbow"] = "skipgram",
    mode: Literal["fasttext", "floret"] = "fasttext",
    min_n: Annotated[int, Ge(0), Le(100)] = 3,
    max_n: Annotated[int, Ge(0), Le(100)] = 6,
    bucket: Annotated[int, Ge(1), Le(2**30)] | None = None,
    hash_count: Annotated[int, Ge(1), Le(4)] = 1,
    negative: Annotated[int, Ge(1), Le(100)] = 5,
    ns_exponent: Annotated[float, Ge(-2), Le(2)] = 0.5,
    shared_windows: Annotated[int, Ge(1), Le(1000)] = 4,
    sample: Annotated[float, Ge(0), Le(1)] = 1e-3,
    shrink_windows: bool = True,
    normalize_gradient: bool = False,
    min_count: Annotated[int, Ge(0)] = 0,
    word_weights: dict[str, Annotated[float, Ge(0)]] | None = None,
    lr: Annotated[float, Gt(0)] = 0.025,
    min_lr: Annotated[float, Ge(0)] = 1e-4,
    epochs: Annotated[int, Ge(1)] = 5,
    splits: list[str] | None = None,
    held_out: str | None = None,
    patience: Annotated[int, Ge(1)] | None = None,
    init: Vectors | None = None,
    keep_context: bool = False,
    seed: Annotated[int, Ge(0)] = 1,
    workers: Annotated[int, Ge(1)] | None = None,
    device: str = "cpu",
    checkpoint_words: Annotated[int, Ge(1)] = 50_000_000,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
) -> Vectors:
    """Train vectors of words and their character n-grams on a corpus.

    Args:
        dim: numbers in a vector.
        window: words to either side of a word that are its context.
        architecture: a word predicts the words around it (``skipgram``), or the mean of all parts
            of the words around it predicts the word (``cbow``).
        mode: ``fasttext`` keeps a row for every word and hashes its n-grams into other rows;
            ``floret`` hashes words and n-grams into one small table, and stores no words.
        min_n, max_n: lengths of the n-grams in characters, of the word between ``<`` and ``>``;
            ``max_n`` 0 for none.
        bucket: rows that n-grams are hashed into, default 2,000,000, or 50,000 with ``floret``.
        hash_count: with ``floret``, rows for each n-gram.
        negative: negative samples for each word.
        ns_exponent: 1 draws negative samples as often as words occur, 0 all words alike. fastText
            always draws with 0.5, word2vec with 0.75.
        shared_windows: so many windows in a row share their negative samples, which stay in the
            processor's cache that long.
        sample: words of a higher relative frequency are skipped at random; 0 skips none.
        shrink_windows: each window is as wide as a draw from 1 to ``window``, which gives near
            words more weight.
        normalize_gradient: a step follows the gradient, in which each of a word's n parts has 1/n
            of the word's; else every part takes all of it, as in fastText, where words of many
            parts move in large steps.
        min_count: rarer words of the corpus' vocabulary are left out. The vocabulary itself was
            cut when the corpus was built, by default to words that occur five times.
        word_weights: how much the windows of a word count, by word; by default all 1.
        lr: the learning rate at the beginning; it falls linearly over the words of all epochs.
        min_lr: the learning rate at the end.
        splits: default every split but ``test`` and ``validation``.
        held_out: a split whose loss is reported after every epoch.
        patience: stop when the held-out loss has not fallen for so many epochs, with the vectors of
            the best epoch.
        init: vectors to start from, for the words that they have; with their context vectors, if
            they were kept, which continues their training.
        keep_context: the result has the context vectors u too.
        workers: threads; default one per core. With 1, the same seed gives the same bytes.
        device: ``cpu`` trains with compiled kernels; ``cuda`` or ``cuda:1`` on a GPU through torch,
            in batches, where every window draws its own negative samples and ``workers`` counts
            nothing; ``torch-cpu`` does the same on the processor, slowly, to check it.
        checkpoint_words: a checkpoint after so many words.
        checkpoints: a folder for checkpoints; training goes on from the one that is there.
        progress: what hears of words per second, learning rate and loss.

    Returns:
        float32 vectors of all words of the vocabulary, frequent ones first; its ``composition``
        makes vectors for all other words. ``info["losses"]``
        holds the mean loss per pair of a word and a context word, for each epoch.

    Raises:
        InputError: a setting is out of range, a split does not exist or is empty, the corpus is
            damaged, the checkpoint is another training's, or training diverged.
    """
    if 0 < max_n < min_n:
        raise InputError(f"min_n {min_n} is above max_n {max_n}: set max_n to 0 for no n-grams")
    task = Task.begin("fasttext", locals())
    ngrams = Ngrams(
        min_n=min_n,
        max_n=max_n,
        bucket=bucket or (2_000_000 if mode == "fasttext" else 50_000),
        mode=mode,
        hash_count=hash_count,
    )
    parts = word_parts(task, ngrams)
    state = task.restored() or _initial(task, ngrams, parts)
    if device != "cpu":
        train_on_device(task, state, "from mean" if architecture == "cbow" else "around", parts)
    elif architecture == "cbow":
        train_epochs(task, state, cbow_trainer(task, state, parts))
    else:
        train_epochs(task, state, _trainer(task, state, parts))
    return _result(task, state, ngrams)


def word_parts(task: Task, ngrams: Ngrams) -> Parts:
    """The rows of the inputs that each word of the vocabulary is made of."""
    rows, offsets = ngrams.rows(task.corpus.vocab.words)
    if ngrams.mode == "fasttext":
        words = len(offsets) - 1
        own = offsets[:-1] + np.arange(words)
        all_rows = np.empty(len(rows) + words, np.int32)
        hashed = np.ones(len(all_rows), bool)
        hashed[own] = False
        all_rows[own], all_rows[hashed] = np.arange(words), rows + words
        rows, offsets = all_rows, offsets + np.arange(words + 1)
    return Parts(rows, offsets, int(np.diff(offsets).max()))


def _initial(task: Task, ngrams: Ngrams, parts: Parts) -> State:
    """Where training begins. Given vectors with the same n-grams bring theirs; of others, words'
    own rows are chosen so that the words have the vectors given."""
    words = len(task.counts) if ngrams.mode == "fasttext" else 0
    state = task.initial(words + ngrams.bucket, scale=1.0)
    if task.init is None:
        return state
    dim, (known, theirs) = task.dim, task.known_to_init()
    given = task.init.composition
    same = isinstance(given, SubwordComposition) and given.ngrams == ngrams
    if isinstance(given, SubwordComposition) and same:
        state.inputs[words:, :dim] = given.buckets
        if given.word_rows is not None:
            state.inputs[known, :dim] = given.word_rows[theirs]
    elif not words:
        raise InputError("init: floret can only start from vectors with the same n-gram table")
    else:
        for row, their in zip(known.tolist(), theirs.tolist(), strict=True):
            rows = parts.rows[parts.offsets[row] : parts.offsets[row + 1]]
            rest = state.inputs[rows[1:], :dim].sum(axis=0)
            state.inputs[row, :dim] = len(rows) * task.init.matrix[their] - rest
    return state


def _trainer(task: Task, state: State, parts: Parts) -> Train:
    """The function that trains skip-gram on a stretch."""
    from textdl.embeddings.kernels.subwords import subword_kernel

    settings = task.settings
    kernel = subword_kernel(state.inputs.shape[1])
    windows, drawn = (
        task.windows(),
        noise(task.counts, settings["ns_exponent"], settings["shared_windows"]),
    )

    def train(stretch: Stretch) -> tuple[float, int]:
        loss, pairs = kernel(
            state.inputs, state.outputs, stretch, windows, settings["negative"],
            SAMPLES * settings["negative"], drawn, parts, settings["normalize_gradient"],
        )  # fmt: skip
        return float(loss), int(pairs)

    return compiled(train, task)


def _result(task: Task, state: State, ngrams: Ngrams) -> Vectors:
    words = len(task.counts) if ngrams.mode == "fasttext" else 0
    table = unpadded(state.inputs, task.dim)
    own = task.of_words(table) if words else None
    composition = SubwordComposition(ngrams, table[words:], own)
    names = task.words()
    return task.result(state, composition.compose_all(names), composition)
