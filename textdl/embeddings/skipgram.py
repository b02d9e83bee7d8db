"""Skip-gram with negative sampling.

Mikolov et al. 2013, "Efficient Estimation of Word Representations in Vector Space" (the model) and
"Distributed Representations of Words and Phrases and their Compositionality" (negative sampling,
subsampling). For every word w of the corpus and every word c in the window around it, the loss is

    -log σ(u_w · v_c) - Σ_k log σ(-u_k · v_c),

over ``negative`` words k drawn in proportion to their count to the power ``ns_exponent``. The
vectors v are the result. The context words of one window share their negative samples, which turns
a step into small matrix products (Ji et al. 2016, "Parallelizing Word2Vec in Shared and
Distributed Memory").
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Le

from textdl.embeddings.hogwild import Stretch, count_words, train_epochs
from textdl.embeddings.sampling import alias_table, keep_thresholds
from textdl.embeddings.state import State
from textdl.errors import InputError
from textdl.packed import PackedStrings
from textdl.progress import Progress, Silent
from textdl.settings import checked
from textdl.text.corpus import Corpus
from textdl.text.vocab import PAD, SPECIALS, UNKNOWN
from textdl.vectors import Vectors


@checked
def train_skipgram(
    corpus: Corpus,
    *,
    dim: Annotated[int, Ge(1), Le(10_000)] = 100,
    window: Annotated[int, Ge(1), Le(1000)] = 5,
    negative: Annotated[int, Ge(1), Le(100)] = 5,
    ns_exponent: Annotated[float, Ge(-2), Le(2)] = 0.75,
    sample: Annotated[float, Ge(0), Le(1)] = 1e-3,
    shrink_windows: bool = True,
    lr: Annotated[float, Gt(0)] = 0.025,
    min_lr: Annotated[float, Ge(0)] = 1e-4,
    epochs: Annotated[int, Ge(1)] = 5,
    splits: list[str] | None = None,
    seed: Annotated[int, Ge(0)] = 1,
    workers: Annotated[int, Ge(1)] | None = None,
    checkpoint_words: Annotated[int, Ge(1)] = 10_000_000,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
) -> Vectors:
    """Train word vectors on a corpus.

    Args:
        dim: numbers in a vector.
        window: words to either side of a word that are its context.
        negative: negative samples for each word.
        ns_exponent: 1 draws negative samples as often as words occur, 0 all words alike.
        sample: words of a higher relative frequency are skipped at random; 0 skips none.
        shrink_windows: each window is as wide as a draw from 1 to ``window``, which gives near
            words more weight.
        lr: the learning rate at the beginning; it falls linearly over the words of all epochs.
        min_lr: the learning rate at the end.
        splits: default every split but ``test`` and ``validation``.
        workers: threads; default one per core. With 1, the same seed gives the same bytes.
        checkpoint_words: a checkpoint after so many words.
        checkpoints: a folder for checkpoints; training goes on from the one that is there.
        progress: what hears of words per second, learning rate and loss.

    Returns:
        float32 vectors of all words of the vocabulary, frequent ones first. ``info["losses"]``
        holds the mean loss per pair of a word and a context word, for each epoch.

    Raises:
        InputError: a setting is out of range, a split does not exist or is empty, the corpus is
            damaged, the checkpoint is another training's, or training diverged.
    """
    progress = progress or Silent()
    splits = corpus.training_splits(splits)
    epoch_words = count_words(corpus, splits)
    if not epoch_words:
        raise InputError(f"nothing to train on: {', '.join(splits)} has no words")
    if corpus.tokens.max() >= len(corpus.vocab) or corpus.tokens.min() < 0:
        raise InputError("the corpus is damaged: it has token ids beyond its vocabulary")
    counts = np.array(corpus.vocab.counts)
    counts[[PAD, UNKNOWN]] = 0
    settings = {
        "dim": dim, "window": window, "negative": negative, "ns_exponent": ns_exponent,
        "sample": sample, "shrink_windows": shrink_windows, "lr": lr, "min_lr": min_lr,
        "epochs": epochs, "splits": splits, "seed": seed,
    }  # fmt: skip
    digest = hashlib.blake2b(counts.tobytes(), digest_size=16).hexdigest()
    identity = {**settings, "tokens": len(corpus.tokens), "vocab": digest}

    state = State.restore(checkpoints, identity, progress) if checkpoints else None
    if state:
        done, total = state.words_done, epochs * epoch_words
        progress.note(f"resuming from the checkpoint at {done:,} of {total:,} words")
    else:
        state = State.initial(len(counts), dim, seed)
    train = _trainer(state, corpus, counts, settings, epoch_words, progress)
    train_epochs(
        state,
        train,
        corpus,
        splits,
        epochs=epochs,
        workers=workers,
        checkpoint_words=checkpoint_words,
        checkpoints=checkpoints,
        settings=identity,
        progress=progress,
    )

    first = len(SPECIALS)
    matrix = np.ascontiguousarray(state.inputs[first:, :dim])
    if not np.isfinite(matrix).all():
        raise InputError(f"training diverged: some vectors are not finite. Lower lr (it was {lr})")
    info = {
        "model": "skipgram",
        "settings": settings,
        "losses": state.losses,
        "words_per_epoch": epoch_words,
        "tokenizer": corpus.tokenizer.settings(),
        "corpus": corpus.info,
    }
    words = PackedStrings.pack(corpus.vocab.words[first:])
    return Vectors(words, matrix, counts[first:], info)


def _trainer(
    state: State,
    corpus: Corpus,
    counts: np.ndarray[Any, np.dtype[np.int64]],
    settings: dict[str, Any],
    epoch_words: int,
    progress: Progress,
) -> Any:
    """The function that trains on a stretch."""
    from textdl.embeddings.compiling import announced_compilation
    from textdl.embeddings.kernels.skipgram import skipgram_kernel

    window, lr, epochs = settings["window"], settings["lr"], settings["epochs"]
    stride = -(-2 * window // 16) * 16
    kernel = skipgram_kernel(state.inputs.shape[1], settings["negative"], stride)
    keep = keep_thresholds(counts, settings["sample"])
    thresholds, aliases = alias_table(
        np.where(counts > 0, counts.astype(np.float64) ** settings["ns_exponent"], 0)
    )
    slope = (lr - min(settings["min_lr"], lr)) / (epochs * epoch_words)
    streams = np.random.SeedSequence(settings["seed"]).generate_state(epochs, np.uint64)

    def train(stretch: Stretch) -> tuple[float, int]:
        loss, pairs = kernel(
            state.inputs,
            state.outputs,
            corpus.tokens,
            corpus.offsets,
            stretch.document,
            stretch.start,
            stretch.stop,
            keep,
            thresholds,
            aliases,
            window,
            settings["shrink_windows"],
            lr - slope * stretch.words_before,
            slope,
            streams[stretch.epoch],
        )
        return float(loss), int(pairs)

    with announced_compilation(progress):
        train(Stretch(0, 0, 0, 0, 0))
    return train
