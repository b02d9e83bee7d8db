"""Going through a corpus in stretches, on several threads that share the parameters.

Niu et al. 2011, "Hogwild!: A Lock-Free Approach to Parallelizing Stochastic Gradient Descent":
threads read and write the same rows without locks; that two of them touch a row at the same moment
is rare enough not to matter. With one thread the order is fixed and the result with it.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from textdl.embeddings.state import State
from textdl.progress import Progress
from textdl.text.corpus import Corpus

STRETCH = 20_000  # words: long beside the cost of a call, short beside an epoch of a small corpus


class Stretch(NamedTuple):
    """Tokens ``start`` to ``stop``, the first of them in ``document``; when training gets here,
    ``words_before`` words lie behind it."""

    document: int
    start: int
    stop: int
    epoch: int
    words_before: int


Train = Callable[[Stretch], tuple[float, int]]
"""Trains on a stretch; returns the summed loss and the number of pairs."""


def stretches(
    corpus: Corpus, splits: list[str], epoch: int, words_before: int
) -> Iterator[Stretch]:
    """One epoch over the splits."""
    for name in splits:
        rows = corpus.splits[name]
        offsets = corpus.offsets[rows.start : rows.stop + 1]
        for start in range(int(offsets[0]), int(offsets[-1]), STRETCH):
            stop = min(start + STRETCH, int(offsets[-1]))
            document = rows.start + int(offsets.searchsorted(start, "right")) - 1
            yield Stretch(document, start, stop, epoch, words_before)
            words_before += stop - start


def train_epochs(
    state: State,
    train: Train,
    corpus: Corpus,
    splits: list[str],
    *,
    epochs: int,
    workers: int | None,
    checkpoint_words: int,
    checkpoints: Path | None,
    settings: dict[str, Any],
    progress: Progress,
) -> None:
    """Train from where ``state`` is to the end of the last epoch.

    Args:
        workers: threads; default one per core.
        checkpoint_words: a checkpoint after so many words.
        checkpoints: where; None for no checkpoints.
        settings: what tells one training from another in a checkpoint.
    """
    epoch_words = count_words(corpus, splits)
    total = epochs * epoch_words
    resumed_at = saved_at = state.words_done
    workers = workers or os.cpu_count() or 1

    def finish(stretch: Stretch, result: tuple[float, int]) -> None:
        loss, pairs = result
        state.loss += loss
        state.pairs += pairs
        state.words_done += stretch.stop - stretch.start
        if state.pairs:
            progress.update(state.words_done, total, "words", loss=state.loss / state.pairs)

    with _Threads(workers, train, finish) as threads:
        for epoch in range(len(state.losses), epochs):
            for stretch in stretches(corpus, splits, epoch, epoch * epoch_words):
                if stretch.words_before < resumed_at:
                    continue
                threads.submit(stretch)
                if checkpoints and state.words_done - saved_at >= checkpoint_words:
                    threads.drain()
                    state.save(checkpoints, settings)
                    saved_at = state.words_done
            threads.drain()
            state.losses.append(state.loss / max(state.pairs, 1))
            state.loss, state.pairs = 0.0, 0
            progress.note(f"epoch {epoch + 1} of {epochs}: loss {state.losses[-1]:.4f} per pair")


def count_words(corpus: Corpus, splits: list[str]) -> int:
    """The tokens of the splits."""
    rows = [corpus.splits[name] for name in splits]
    return sum(int(corpus.offsets[row.stop] - corpus.offsets[row.start]) for row in rows)


class _Threads:
    """Runs stretches in order: at once in this thread, or a few ahead on several."""

    def __init__(
        self, workers: int, train: Train, finish: Callable[[Stretch, tuple[float, int]], None]
    ) -> None:
        self._train, self._finish = train, finish
        self._ahead = 2 * workers
        self._pool = ThreadPoolExecutor(workers) if workers > 1 else None
        self._running: deque[tuple[Stretch, Future[tuple[float, int]]]] = deque()

    def submit(self, stretch: Stretch) -> None:
        if self._pool is None:
            self._finish(stretch, self._train(stretch))
            return
        self._running.append((stretch, self._pool.submit(self._train, stretch)))
        while len(self._running) > self._ahead:
            self._wait()

    def drain(self) -> None:
        while self._running:
            self._wait()

    def _wait(self) -> None:
        stretch, future = self._running[0]
        result = future.result()
        self._running.popleft()
        self._finish(stretch, result)

    def __enter__(self) -> _Threads:
        return self

    def __exit__(self, *error: object) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
