"""Going through a corpus in stretches, epoch by epoch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from textdl.compiling import announced_compilation
from textdl.embeddings.state import State
from textdl.embeddings.task import Task
from textdl.errors import InputError
from textdl.paging import release
from textdl.progress import kept_if_stopped
from textdl.text.corpus import Corpus
from textdl.threads import Threads

STRETCH = 20_000  # words: long beside the cost of a call, short beside an epoch of a small corpus


class Stretch(NamedTuple):
    """``tokens[start:stop]``, which begins in ``document``. The learning rate is ``lr`` at
    ``start`` and loses ``slope`` per token; all random numbers are drawn from ``stream``."""

    tokens: NDArray[np.int32]
    offsets: NDArray[np.int64]
    document: int
    start: int
    stop: int
    lr: float
    slope: float
    stream: np.uint64


Train = Callable[[Stretch], tuple[float, int]]
"""Trains on a stretch; returns the summed loss and the number of pairs."""

Trained = tuple[Stretch, tuple[float, int]]


def compiled(train: Train, task: Task) -> Train:
    """``train``, its kernel compiled."""
    corpus = task.corpus
    with announced_compilation(task.progress):
        train(Stretch(corpus.tokens, corpus.offsets, 0, 0, 0, 0.0, 0.0, np.uint64(0)))
    return train


def train_epochs(
    task: Task,
    state: State,
    train: Train,
    *,
    fetch: Callable[[], None] = lambda: None,
    workers: int | None = None,
    stretch_words: int = STRETCH,
) -> None:
    """Train from where ``state`` is to the end of the last epoch, or until the held-out loss has
    not fallen for ``patience`` epochs; ``state`` then is the best epoch's. If it is stopped, what
    was trained by then is in the checkpoint.

    Args:
        fetch: brings the matrices into ``state``, if they are elsewhere while they are trained.
        workers: threads, default the task's.
        stretch_words: how much ``train`` is given at once.

    Raises:
        InputError: the loss is no longer finite. The last checkpoint is kept.
    """
    settings, patience = task.settings, task.settings["patience"]
    epochs, held_out = settings["epochs"], settings["held_out"]
    total = epochs * task.epoch_words
    slope = (settings["lr"] - min(settings["min_lr"], settings["lr"])) / total
    streams = np.random.SeedSequence(settings["seed"]).generate_state(epochs + 1, np.uint64)
    saved_at = state.words_done

    def save() -> None:
        if task.checkpoints:
            fetch()
            state.save(task.checkpoints, task.identity)

    def add(stretch: Stretch, loss: float, pairs: int) -> None:
        if not math.isfinite(loss):
            raise InputError(
                f"training diverged after {state.words_done:,} of {total:,} words: the "
                f"loss is not finite. Lower lr (it was {settings['lr']})"
            )
        state.loss += loss
        state.pairs += pairs
        state.words_done += stretch.stop - stretch.start

    def train_one_epoch(epoch: int) -> None:
        nonlocal saved_at

        def keep() -> None:
            portion.clear()  # What threads are busy with is added, nothing more is begun.
            for stretch, result in trained:
                add(stretch, *result)
            save()

        left = _stretches(
            task.corpus, task.splits, streams[epoch], settings["lr"], slope,
            epoch * task.epoch_words, skip=state.words_done, words=stretch_words,
        )  # fmt: skip
        while portion := _take(left, saved_at + task.checkpoint_words - state.words_done):
            trained = _releasing(threads.map(train, portion))
            for stretch, result in trained:
                add(stretch, *result)
                facts = {"loss": state.loss / state.pairs} if state.pairs else {}
                with kept_if_stopped(keep):
                    task.progress.update(state.words_done, total, "words", **facts)
            if state.words_done - saved_at >= task.checkpoint_words:
                save()
                saved_at = state.words_done

    def held_out_loss() -> float:
        # The same draws after every epoch, and a learning rate of 0: nothing is changed.
        stretches = _stretches(
            task.corpus, [held_out], streams[epochs], 0.0, 0.0, words=stretch_words
        )
        results = [result for _, result in _releasing(threads.map(train, stretches))]
        return math.fsum(loss for loss, _ in results) / max(sum(n for _, n in results), 1)

    with Threads(workers or task.workers) as threads:
        while len(state.losses) < epochs and not _exhausted(state.held_out_losses, patience):
            epoch = len(state.losses)
            train_one_epoch(epoch)
            text = f"epoch {epoch + 1} of {epochs}: loss {state.loss / max(state.pairs, 1):.4f}"
            if held_out:
                held = held_out_loss()
                if patience is not None and held < min(state.held_out_losses, default=math.inf):
                    fetch()
                    state.keep_best()
                state.held_out_losses.append(held)
                text += f", held out {held:.4f}"
            state.losses.append(state.loss / max(state.pairs, 1))
            state.epoch_pairs.append(state.pairs)
            state.loss, state.pairs = 0.0, 0
            task.progress.note(f"{text} per pair")
    fetch()
    if state.best:
        best = int(np.argmin(state.held_out_losses)) + 1
        if best < len(state.losses):
            task.progress.note(f"the held-out loss was least after epoch {best}: its vectors stay")
        state.inputs, state.outputs = state.best
        state.best = None


def _exhausted(held_out_losses: list[float], patience: int | None) -> bool:
    if patience is None or not held_out_losses:
        return False
    return len(held_out_losses) - 1 - int(np.argmin(held_out_losses)) >= patience


def _stretches(
    corpus: Corpus,
    splits: list[str],
    stream: np.uint64,
    lr: float,
    slope: float,
    words_before: int = 0,
    *,
    skip: int = 0,
    words: int = STRETCH,
) -> Iterator[Stretch]:
    """One epoch over the splits, ``words_before`` words behind; the first ``skip`` words of all
    epochs are left out."""
    for name in splits:
        rows = corpus.splits[name]
        offsets = corpus.offsets[rows.start : rows.stop + 1]
        for start in range(int(offsets[0]), int(offsets[-1]), words):
            stop = min(start + words, int(offsets[-1]))
            if words_before >= skip:
                document = rows.start + int(offsets.searchsorted(start, "right")) - 1
                rate = lr - slope * words_before
                yield Stretch(
                    corpus.tokens, corpus.offsets, document, start, stop, rate, slope, stream
                )
            words_before += stop - start


def _releasing(trained: Iterable[Trained]) -> Iterator[Trained]:
    """The same, but what was trained on goes out of memory again."""
    for i, one in enumerate(trained):
        if i % 64 == 0:
            release(one[0].tokens)
        yield one


def _take(stretches: Iterator[Stretch], words: int) -> list[Stretch]:
    """The next stretches, of about so many words together."""
    taken: list[Stretch] = []
    for stretch in stretches:
        taken.append(stretch)
        words -= stretch.stop - stretch.start
        if words <= 0:
            break
    return taken
