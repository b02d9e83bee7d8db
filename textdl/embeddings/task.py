"""One training: what it is trained on, with which settings, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdl.embeddings.checkpoint import digest_of_corpus, digest_of_vectors
from textdl.embeddings.sampling import Windows, keep_thresholds
from textdl.embeddings.state import State, unpadded
from textdl.errors import InputError
from textdl.packed import PackedStrings
from textdl.paging import release
from textdl.progress import Progress, Silent
from textdl.text.corpus import Corpus
from textdl.text.vocab import PAD, SPECIALS, UNKNOWN
from textdl.vectors import Vectors
from textdl.vectors.composition import Composition
from textdl.vectors.pieces import piece_composition

_NOT_IDENTITY = {
    "corpus", "init", "workers", "checkpoint_words", "checkpoints", "progress",
}  # fmt: skip


@dataclass(frozen=True)
class Task:
    """A training of one model on one corpus.

    Attributes:
        model: its name.
        settings: those of the trainer that decide the result.
        splits: what is trained on.
        counts: int64 ``[words]``, how often each word of the vocabulary occurs; 0 for those that
            are not trained.
        rows: int64, the vocabulary's ids of the words that get vectors.
        epoch_words: tokens of the splits.
    """

    model: str
    corpus: Corpus
    settings: dict[str, Any]
    splits: list[str]
    counts: NDArray[np.int64]
    rows: NDArray[np.int64]
    epoch_words: int
    init: Vectors | None
    workers: int | None
    checkpoint_words: int
    checkpoints: Path | None
    progress: Progress

    @classmethod
    def begin(cls, model: str, arguments: Mapping[str, Any]) -> Task:
        """Check what a trainer was called with.

        Args:
            arguments: all of its parameters by name.

        Raises:
            InputError: a split does not exist or has no words, settings contradict each other,
                vectors to start from have another dimension, or the corpus is damaged.
        """
        corpus: Corpus = arguments["corpus"]
        init: Vectors | None = arguments["init"]
        held_out = arguments["held_out"]
        splits = corpus.training_splits(arguments["splits"])
        epoch_words = corpus.tokens_in(splits)
        if not epoch_words:
            raise InputError(f"nothing to train on: {', '.join(splits)} has no words")
        _refuse_damage(corpus)
        softmax = arguments.get("objective") == "hierarchical-softmax"
        if softmax and arguments["keep_context"]:
            raise InputError("keep_context: hierarchical softmax has no context vectors of words")
        if held_out is None and arguments["patience"] is not None:
            raise InputError("patience: needs a held-out split to look at: set held_out")
        if held_out is not None and not corpus.tokens_in(corpus.training_splits([held_out])):
            raise InputError(f"held_out: the split {held_out!r} has no words")
        if held_out in splits:
            raise InputError(f"held_out: {held_out!r} is trained on; leave it out of splits")
        if init is not None:
            check_init(init, arguments["dim"])
        counts = np.array(corpus.vocab.counts)
        counts[[PAD, UNKNOWN]] = 0
        counts[counts < arguments["min_count"]] = 0
        least = arguments["min_count"]
        rows = np.flatnonzero(np.arange(len(counts)) >= len(SPECIALS))
        rows = rows[corpus.vocab.counts[rows] >= least]
        if not counts.any():
            raise InputError(f"no word occurs {max(least, 1)} times: lower min_count")
        settings = {
            name: value for name, value in arguments.items() if name not in _NOT_IDENTITY
        } | {"splits": splits}
        return cls(
            model, corpus, settings, splits, counts, rows, epoch_words, init,
            arguments["workers"], arguments["checkpoint_words"], arguments["checkpoints"],
            arguments["progress"] or Silent(),
        )  # fmt: skip

    @cached_property
    def identity(self) -> dict[str, Any]:
        """What tells this training from another one in a checkpoint."""
        return {
            **self.settings,
            "model": self.model,
            "corpus": digest_of_corpus(self.corpus),
            "init": digest_of_vectors(self.init),
        }

    def restored(self) -> State | None:
        """Where a killed training was, if there is a checkpoint of it."""
        if not self.checkpoints:
            return None
        state = State.restore(self.checkpoints, self.identity, self.progress)
        if state:
            total = self.settings["epochs"] * self.epoch_words
            self.progress.note(
                f"resuming from the checkpoint at {state.words_done:,} of {total:,} words"
            )
        return state

    def initial(self, rows: int | None = None, *, scale: float = 0.5) -> State:
        """Where training begins: at random, or at the vectors of ``init`` for the words it has.

        Args:
            rows: of the inputs; if they are not one for each word, ``init`` is left to the caller.
            scale: how wide the random beginning is, see :meth:`State.initial`.
        """
        words = len(self.counts)
        state = State.initial(
            rows or words, self.dim, self.settings["seed"], outputs=words, scale=scale
        )
        if self.init is not None:
            known, theirs = self.known_to_init()
            if rows is None:
                state.inputs[known, : self.dim] = self.init.matrix[theirs]
            softmax = self.settings.get("objective") == "hierarchical-softmax"
            if self.init.context is not None and not softmax:
                state.outputs[known, : self.dim] = self.init.context[theirs]
            self.progress.note(
                f"starting from given vectors for {len(known):,} of {len(self.rows):,} words"
            )
        return state

    def known_to_init(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The ids of the words that ``init`` has, and their rows in it."""
        assert self.init is not None
        theirs = self.init.words.find_all(self.words())
        return self.rows[theirs >= 0], theirs[theirs >= 0]

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        dim: int = self.settings["dim"]
        return dim

    @property
    def word_weights(self) -> NDArray[np.float32]:
        """How much each word counts, float32 ``[words]``.

        Raises:
            InputError: a weight is given to a word that the corpus does not have.
        """
        given = self.settings["word_weights"] or {}
        weights = np.ones(len(self.counts), np.float32)
        ids = self.corpus.vocab.words.find_all(given)
        for word, row in zip(given, ids.tolist(), strict=True):
            if row < len(SPECIALS):
                raise InputError(f"word_weights: the corpus has no word {word!r}")
        weights[ids] = list(given.values())
        return weights

    def windows(self) -> Windows:
        """How windows are cut, and how likely each word stays and how much it counts."""
        settings = self.settings
        keep = keep_thresholds(self.counts, settings["sample"])
        window, shrink = settings["window"], settings["shrink_windows"]
        return Windows(window, shrink, keep, self.word_weights)

    def result(
        self,
        state: State,
        matrix: NDArray[np.float32] | None = None,
        composition: Composition | None = None,
    ) -> Vectors:
        """The vectors of a finished training.

        Args:
            matrix: float32 ``[len(self.rows), dim]``, by default the words' rows of the inputs.
            composition: how words without a row get a vector.

        Raises:
            InputError: some vectors are not finite.
        """
        context = self.of_words(state.outputs) if self.settings["keep_context"] else None
        state.outputs = np.zeros((0, 0), np.float32)
        if matrix is None:
            matrix = self.of_words(unpadded(state.inputs, self.dim))
        if not np.isfinite(matrix).all():
            raise InputError(
                "training diverged: some vectors are not finite. "
                f"Lower lr (it was {self.settings['lr']})"
            )
        words, tokenizer = self.words(), self.corpus.tokenizer
        if composition is None:
            composition = piece_composition(tokenizer, list(words))
        info = {
            "model": self.model,
            "settings": self.settings,
            "losses": state.losses,
            "pairs": state.epoch_pairs,
            "words_per_epoch": self.epoch_words,
            "tokenizer": tokenizer.settings(),
            "corpus": self.corpus.info,
        }
        if self.settings["held_out"]:
            info["held_out_losses"] = state.held_out_losses
        if self.init is not None:
            info["init"] = {"model": self.init.info.get("model"), "words": len(self.init)}
        return Vectors(
            words, matrix, self.corpus.vocab.counts[self.rows], info,
            composition=composition, context=context,
        )  # fmt: skip

    def words(self) -> PackedStrings:
        """The words that get vectors."""
        return self.corpus.vocab.words.take(self.rows)

    def of_words(self, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
        """The rows of the words that get vectors, without padding."""
        first, last = int(self.rows[0]), int(self.rows[-1]) + 1
        chosen = slice(first, last) if last - first == len(self.rows) else self.rows
        return np.ascontiguousarray(matrix[chosen, : self.dim])


def check_init(init: Vectors, dim: int) -> None:
    """Raise an InputError if training can't begin with these vectors."""
    if init.dim != dim:
        raise InputError(f"init: its vectors have dim {init.dim}, not {dim}: set dim to {init.dim}")
    for part in (init.matrix, init.context):
        if part is not None and not (np.abs(part) < 1e6).all():
            raise InputError("init: has numbers that are not finite, or beyond a million")


def _refuse_damage(corpus: Corpus) -> None:
    # A kernel checks no index: a wrong token would read and write anywhere.
    for start in range(0, len(corpus.tokens), 1 << 22):
        block = corpus.tokens[start : start + (1 << 22)]
        if block.max() >= len(corpus.vocab) or block.min() < 0:
            raise InputError("the corpus is damaged: it has token ids beyond its vocabulary")
        release(corpus.tokens)
