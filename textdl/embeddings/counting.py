"""Counting co-occurrences out of core, in runs that survive a killed process.

A stretch of the corpus that fits into memory is counted row by row, from the places where the
row's word stands, into one sum for each column, which leaves nothing to hash or to sort but a row's
columns. What does not fit becomes several sorted runs on disk, whose rows are then added up.

A weight is 1/distance to 32 binary places, and sums of weights are whole numbers: adding them up in
another order, in other stretches or on more threads gives the same bytes.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from textdl.arrays import NpyWriter
from textdl.errors import InputError
from textdl.progress import Progress
from textdl.text.corpus import Corpus

PLACES = 32  # binary places of a weight
LARGEST_BLOCK = 1 << 20  # cells that a thread hands over at once
SMALLEST_STRETCH = 256  # tokens
TOKEN_BYTES = 16  # what a token of a stretch takes while it is counted


def divide_memory(memory: float, words: int, workers: int) -> tuple[int, int]:
    """Cells in a block and tokens in a stretch, so that counting stays within ``memory`` bytes."""
    block = int(np.clip(memory / (64 * 3 * workers), words, max(words, LARGEST_BLOCK)))
    # Scratch sums of every thread, and three blocks each of 12 bytes a cell, waiting or under way.
    fixed = 48 * words + workers * (12 * words + 3 * 12 * block)
    stretch = int(memory - fixed) // TOKEN_BYTES
    if stretch < SMALLEST_STRETCH:
        least = fixed + SMALLEST_STRETCH * TOKEN_BYTES
        raise InputError(
            f"memory: {memory:,.0f} bytes are too little for {words:,} words on {workers} threads. "
            f"Give at least {least:,}, or take fewer workers or a higher min_count"
        )
    return block, min(stretch, 1 << 30)


def distance_weights(window: int, distance_weighting: bool) -> NDArray[np.uint64]:
    """What a pair counts, by distance, in units of 2⁻³²: uint64 ``[window + 1]``."""
    distances = np.arange(window + 1)
    distances[0] = 1
    if not distance_weighting:
        distances[:] = 1
    return np.rint(2.0**PLACES / distances).astype(np.uint64)


def claim_runs(runs: Path, identity: dict[str, Any]) -> None:
    """Make the folder of runs this counting's."""
    path = runs / "counting.json"
    text = json.dumps(identity, sort_keys=True)
    if not path.exists():
        runs.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".new")
        temporary.write_text(text, "utf-8")
        temporary.replace(path)
    elif path.read_text("utf-8") != text:
        raise InputError(
            f"{path}: written by a counting with other settings or another corpus. Give "
            "checkpoints another folder, or remove this one to begin anew"
        )


class Cells(NamedTuple):
    """Cells of consecutive rows; ``ends`` is where each row ends."""

    columns: NDArray[np.int32]
    values: NDArray[np.uint64]
    ends: NDArray[np.int64]


class Counter:
    """Threads with their scratch, and what they do with a range of rows."""

    def __init__(self, words: int, workers: int, block: int, progress: Progress) -> None:
        self.progress = progress
        self._words, self._block, self._ahead = words, block, workers + 1
        self._pool = ThreadPoolExecutor(workers)
        self._scratch = deque(
            (np.zeros(words + 1, np.uint64), np.empty(words + 1, np.int32)) for _ in range(workers)
        )
        for sums, _ in self._scratch:
            sums[words] = 1

    def count(
        self,
        corpus: Corpus,
        splits: list[str],
        rows: NDArray[np.int32],
        weights: NDArray[np.uint64],
        symmetric: bool,
        stretch: int,
        runs: Path,
    ) -> list[Path]:
        """Count the splits into runs, after those that are there."""
        ranges = [corpus.splits[name] for name in splits]
        parts = [(int(corpus.offsets[r.start]), int(corpus.offsets[r.stop])) for r in ranges]
        total, before = sum(stop - start for start, stop in parts), 0
        found = find_runs(runs, self._words)
        done = []
        for start, end in parts:
            position = start
            while position < end:
                stop = found.get(position, 0)
                if position < stop <= end:
                    self.progress.note(f"tokens {position:,} to {stop:,} are counted already")
                else:
                    stop = min(position + stretch, end)
                    blocks = self._count_stretch(corpus, position, stop, rows, weights, symmetric)
                    write_run(runs / f"run-{position}-{stop}", blocks)
                done.append(runs / f"run-{position}-{stop}")
                self.progress.update(before + stop - start, total, "tokens", runs=len(done))
                position = stop
            before += end - start
        return done

    def _count_stretch(
        self,
        corpus: Corpus,
        start: int,
        stop: int,
        rows: NDArray[np.int32],
        weights: NDArray[np.uint64],
        symmetric: bool,
    ) -> Iterator[Cells]:
        from textdl.embeddings.kernels.cooccurrence import count_rows, index_words, keep_words

        words, window = self._words, len(weights) - 1
        document = int(corpus.offsets.searchsorted(start, "right")) - 1
        documents = int(corpus.offsets.searchsorted(stop)) - document
        room = stop - start + min(documents, stop - start) + 2 * window + 1
        kept = np.empty(room, np.int32)
        first, last, n = keep_words(
            corpus.tokens, corpus.offsets, document, start, stop, rows, words, window, kept
        )
        if n < 0:
            raise InputError("the corpus is damaged: it has token ids beyond its vocabulary")
        starts, positions = np.empty(words + 1, np.int64), np.empty(last - first, np.int32)
        index_words(kept, first, last, starts, positions)
        sides = 2 if symmetric else 1
        limits = np.arange(1, words + 1) if symmetric else np.full(words, words)
        most = np.minimum(np.diff(starts) * (sides * window), limits)

        def count(scratch: Any, low: int, high: int) -> Cells:
            cells = _room(int(most[low:high].sum()), high - low)
            count_rows(kept, n, starts, positions, low, high, weights, symmetric, *scratch, *cells)
            return cells

        yield from self._map(count, _blocks(most, self._block))

    def merge(self, runs: list[Path], folder: Path) -> NDArray[np.int64]:
        """Add up runs into ``columns.npy`` and ``values.npy``; returns the rows' offsets."""
        from textdl.embeddings.kernels.cooccurrence import merge_rows

        opened = [[_open(run, name) for name in Cells._fields] for run in runs]
        lengths = np.zeros(self._words, np.int64)
        for *_, ends in opened:
            lengths += np.diff(ends, prepend=0)

        def add(scratch: Any, low: int, high: int) -> Cells:
            bounds = np.empty((len(opened), high - low + 1), np.int64)
            columns, values, placed = [], [], 0
            for run, (run_columns, run_values, ends) in enumerate(opened):
                begin = int(ends[low - 1]) if low else 0
                bounds[run, 0], bounds[run, 1:] = begin, ends[low:high]
                end = int(bounds[run, -1])
                columns.append(run_columns[begin:end])
                values.append(run_values[begin:end])
                bounds[run] += placed - begin
                placed += end - begin
            cells = _room(int(np.minimum(lengths[low:high], self._words).sum()), high - low)
            merge_rows(bounds, np.concatenate(columns), np.concatenate(values), *scratch, *cells)
            return cells

        offsets = np.zeros(self._words + 1, np.int64)
        row = 0
        if not runs:
            opened = [[np.zeros(0, np.int32), np.zeros(0, np.uint64), np.zeros_like(lengths)]]
        with (
            NpyWriter(folder / "columns.npy", np.int32) as columns,
            NpyWriter(folder / "values.npy", np.float32) as values,
        ):
            for cells in self._map(add, _blocks(lengths, self._block // 2)):
                n = int(cells.ends[-1])
                columns.append(cells.columns[:n])
                values.append(np.ldexp(cells.values[:n].astype(np.float64), -PLACES))
                offsets[row + 1 : row + 1 + len(cells.ends)] = offsets[row] + cells.ends
                row += len(cells.ends)
                self.progress.update(row, self._words, "rows")
        return offsets

    def _map(
        self, function: Callable[[Any, int, int], Cells], blocks: Iterable[tuple[int, int]]
    ) -> Iterator[Cells]:
        """The results for blocks of rows, in order, a few of them ahead."""

        def call(low: int, high: int) -> Cells:
            scratch = self._scratch.pop()
            try:
                return function(scratch, low, high)
            finally:
                self._scratch.append(scratch)

        waiting: deque[Future[Cells]] = deque()
        for low, high in blocks:
            waiting.append(self._pool.submit(call, low, high))
            if len(waiting) > self._ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def __enter__(self) -> Counter:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown(cancel_futures=True)


def _room(cells: int, rows: int) -> Cells:
    return Cells(np.empty(cells, np.int32), np.empty(cells, np.uint64), np.empty(rows, np.int64))


def _blocks(cells: NDArray[np.int64], most: int) -> Iterator[tuple[int, int]]:
    """Ranges of rows that have at most so many cells, or are one row."""
    ends = np.cumsum(cells)
    low = 0
    while low < len(cells):
        before = int(ends[low - 1]) if low else 0
        high = max(int(ends.searchsorted(before + most, "right")), low + 1)
        yield low, high
        low = high


def write_run(path: Path, blocks: Iterable[Cells]) -> None:
    """Write a run so that there is all of it or nothing."""
    temporary = path.with_name(f".{path.name}")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    ends, before = [], 0
    with (
        NpyWriter(temporary / "columns.npy", np.int32) as columns,
        NpyWriter(temporary / "values.npy", np.uint64) as values,
    ):
        for cells in blocks:
            n = int(cells.ends[-1])
            columns.append(cells.columns[:n])
            values.append(cells.values[:n])
            ends.append(cells.ends + before)
            before += n
    np.save(temporary / "ends.npy", np.concatenate(ends))
    shutil.rmtree(path, ignore_errors=True)
    temporary.rename(path)


def _open(run: Path, name: str) -> NDArray[Any]:
    array: NDArray[Any] = np.load(run / f"{name}.npy", mmap_mode="r")
    return array


def find_runs(folder: Path, words: int) -> dict[int, int]:
    """Where the whole runs in a folder begin and end; of two that begin alike the longer one."""
    found: dict[int, int] = {}
    for run in folder.iterdir():
        match = re.fullmatch(r"run-(\d+)-(\d+)", run.name)
        try:
            columns, values, ends = (_open(run, name) for name in Cells._fields)
            whole = len(ends) == words and len(columns) == len(values) == int(ends[-1])
        except (OSError, ValueError, EOFError):
            continue
        if match and whole:
            start, stop = int(match[1]), int(match[2])
            found[start] = max(stop, found.get(start, 0))
    return found
