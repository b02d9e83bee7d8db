"""GloVe: word vectors from co-occurrence counts.

Pennington, Socher & Manning 2014, "GloVe: Global Vectors for Word Representation". Over the cells
(i, j) with a count X, the loss is

    ½ f(X) (w_i · c_j + b_i + b'_j - log X)²,    f(X) = min(1, (X / x_max)^alpha),

minimised by AdaGrad (Duchi, Hazan & Singer 2011) as GloVe's ``glove`` does it: a number's step is
t / √s for t = lr · gradient, s the sum of the t² before it, counted from 1. Gradients are clipped.

A plain step overshoots where lr · f(X) times the squared lengths of the two vectors passes 2, and
training with it diverges. So a gradient is divided by 1 + that product, which is the implicit step
(Toulis & Airoldi 2017, "Asymptotic and Finite-Sample Properties of Estimators Based on Stochastic
Gradients") to first order: no step overshoots, however large lr is.

``glove`` shuffles the cells. Here they are taken in blocks of rows, in another order every epoch,
and row by row within a block, so that the row's vectors stay in the nearest cache, and cells
(i, j) and (j, i) of symmetric counts together. The first epoch goes from rare words to frequent
ones: their large counts, met first and all at once, throw vectors off that are still near 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Lt
from numpy.typing import NDArray

from textdl.embeddings.checkpoint import (
    digest,
    digest_of_vectors,
    open_checkpoint,
    save_checkpoint,
)
from textdl.embeddings.cooccurrence import Cooccurrences
from textdl.embeddings.state import aligned
from textdl.embeddings.task import check_init
from textdl.errors import InputError
from textdl.packed import PackedStrings
from textdl.progress import Progress, Silent, kept_if_stopped
from textdl.settings import checked
from textdl.text.vocab import SPECIALS
from textdl.threads import Threads
from textdl.vectors import Vectors
from textdl.vectors.pieces import piece_composition

BLOCK = 16384  # stored cells: long beside the cost of a call, short beside an epoch
W, C = 0, 2  # where in a record the vector and the context vector are; behind each, its sums

Block = tuple[int, int]
"""The first row and the one behind the last."""


@dataclass
class _Reached:
    """How far training is: whole epochs, blocks of the next one, and the sums over these."""

    blocks: int = 0
    loss: float = 0.0
    ignorant: float = 0.0
    cells: int = 0
    cells_done: int = 0
    losses: list[float] = field(default_factory=list)
    held_out_losses: list[float] = field(default_factory=list)

    def exhausted(self, patience: int | None) -> bool:
        """Whether the held-out loss has not fallen for ``patience`` epochs."""
        seen = self.held_out_losses
        return bool(patience and seen) and len(seen) - 1 - int(np.argmin(seen)) >= (patience or 0)


@checked
def train_glove(
    counts: Cooccurrences,
    *,
    dim: Annotated[int, Ge(1), Le(10_000)] = 100,
    x_max: Annotated[float, Gt(0), Le(1e30)] = 100.0,
    alpha: Annotated[float, Ge(0), Le(10)] = 0.75,
    lr: Annotated[float, Gt(0), Le(1000)] = 0.05,
    clip: Annotated[float, Gt(0), Le(1e6)] = 100.0,
    epochs: Annotated[int, Ge(1)] = 15,
    vectors: Literal["sum", "word"] = "sum",
    held_out: Annotated[float, Ge(0), Lt(1)] = 0.0,
    patience: Annotated[int, Ge(1)] | None = None,
    init: Vectors | None = None,
    seed: Annotated[int, Ge(0)] = 1,
    workers: Annotated[int, Ge(1)] | None = None,
    checkpoint_cells: Annotated[int, Ge(1)] = 200_000_000,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
) -> Vectors:
    """Train word vectors on co-occurrence counts.

    Args:
        dim: numbers in a vector.
        x_max, alpha: a cell counts in full from ``x_max`` on, below it by the power ``alpha``.
        lr: the learning rate. With the bounds of it and of ``clip`` no number can overflow.
        clip: no number of a gradient is larger.
        vectors: the result is the sum of a word's vector and its vector as context, or the first.
        held_out: the share of cells, chosen by hash, that only tell the loss after every epoch.
        patience: stop when the held-out loss has not fallen for so many epochs, with the vectors
            of the best epoch.
        init: vectors to begin from; words that it lacks begin at random.
        workers: threads; default one per core. With 1, the same seed gives the same bytes.
        checkpoint_cells: a checkpoint after so many cells.
        checkpoints: a folder for checkpoints; training goes on from the one that is there.
        progress: what hears of cells per second and loss.

    Returns:
        float32 vectors of all counted words. ``info["losses"]`` holds the mean loss per cell of
        each epoch, ``info["held_out_losses"]`` that of the held-out cells after it.

    Raises:
        InputError: a setting is out of range, there are no counts or damaged ones, ``init`` does
            not fit, the checkpoint is another training's, or training diverged.
    """
    progress = progress or Silent()
    if patience and not held_out:
        raise InputError("patience needs held-out cells: set held_out, to 0.01 for example")
    _check(counts)
    settings = {
        "dim": dim, "x_max": x_max, "alpha": alpha, "lr": lr, "clip": clip, "epochs": epochs,
        "vectors": vectors, "held_out": held_out, "patience": patience, "seed": seed,
    }  # fmt: skip
    identity: dict[str, Any] = {}
    found = None
    if checkpoints:
        cells = (counts.offsets, counts.columns, counts.values)
        identity = {
            **settings,
            "counts": digest(*cells, *counts.vocab.content()),
            "init": digest_of_vectors(init),
        }
        found = open_checkpoint(checkpoints, identity, progress)
    records = _allocate(len(counts), dim)
    best: NDArray[np.float32] | None = None
    if found:
        records[:] = found[0]["records"]
        best = found[0].get("best")
        reached = _Reached(**found[1])
        progress.note(f"resuming from the checkpoint at {reached.cells_done:,} cells")
    else:
        reached = _Reached()
        _initialise(records, dim, seed)
        if init is not None:
            _take_over(records, counts, init, dim, vectors)

    def save() -> None:
        if checkpoints:
            arrays = {"records": records} if best is None else {"records": records, "best": best}
            save_checkpoint(checkpoints, arrays, asdict(reached), identity)

    def add(loss: float, ignorant: float, cells: int) -> None:
        reached.blocks += 1
        reached.loss += loss
        reached.ignorant += ignorant
        reached.cells += cells
        reached.cells_done += cells
        _refuse_divergence(reached, lr)

    def keep() -> None:
        part.clear()  # What threads are busy with is added, nothing more is begun.
        for _, result in learnt:
            add(*result)
        save()

    learn, judge = _passes(records, counts, settings, progress)
    orders = np.random.SeedSequence(seed).spawn(epochs)
    blocks = _blocks(counts.offsets)
    mirrored = 2 if counts.symmetric else 1
    total = int(epochs * _count_cells(counts) * (1 - held_out))
    saved_at = reached.cells_done
    with Threads(workers) as threads:
        while len(reached.losses) < epochs and not reached.exhausted(patience):
            epoch = len(reached.losses)
            order = np.arange(len(blocks))[::-1].tolist()
            if epoch:
                order = np.random.default_rng(orders[epoch]).permutation(order).tolist()
            while reached.blocks < len(order):
                # A checkpoint needs all threads at rest, so they get what lies before the next.
                ahead = max(1, -(-checkpoint_cells // (mirrored * BLOCK))) if checkpoints else None
                part = [blocks[i] for i in order[reached.blocks :][:ahead]]
                learnt = threads.map(learn, part)
                for _, result in learnt:
                    add(*result)
                    if not reached.cells:
                        continue
                    done, mean = min(reached.cells_done, total), reached.loss / reached.cells
                    with kept_if_stopped(keep):
                        progress.update(done, total, "cells", loss=mean)
                if reached.cells_done - saved_at >= checkpoint_cells:
                    save()
                    saved_at = reached.cells_done
            reached.losses.append(reached.loss / max(reached.cells, 1))
            reached.blocks, reached.loss, reached.ignorant, reached.cells = 0, 0.0, 0.0, 0
            text = f"epoch {epoch + 1} of {epochs}: loss {reached.losses[-1]:.5f} per cell"
            if held_out:
                sums = np.sum([result for _, result in threads.map(judge, blocks)], axis=0)
                reached.held_out_losses.append(float(sums[0] / max(sums[2], 1)))
                text += f", held out {reached.held_out_losses[-1]:.5f}"
                if patience and np.argmin(reached.held_out_losses) == epoch:
                    best = records.copy()
            progress.note(text)
    with kept_if_stopped(save):
        progress.update(total, total, "cells", loss=reached.losses[-1])

    records = records if best is None else best
    context = np.ascontiguousarray(records[:, C, :dim])
    matrix = records[:, W, :dim] + context if vectors == "sum" else records[:, W, :dim].copy()
    info = {
        "model": "glove",
        "settings": settings,
        "losses": reached.losses,
        "held_out_losses": reached.held_out_losses,
        "counts": counts.info,
        "tokenizer": counts.tokenizer.settings(),
    }
    words = PackedStrings.pack(counts.vocab.words[len(SPECIALS) :])
    seen = np.asarray(counts.vocab.counts[len(SPECIALS) :])
    composition = piece_composition(counts.tokenizer, list(words))
    return Vectors(words, matrix, seen, info, composition=composition, context=context)


def _check(counts: Cooccurrences) -> None:
    if not len(counts.values):
        raise InputError("nothing to train on: no two words were counted together")
    rows = np.diff(counts.offsets)
    if (
        (rows < 0).any()
        or not 0 <= counts.columns.min() <= counts.columns.max() < len(counts)
        or not 0 < counts.values.min() <= counts.values.max() < np.inf
    ):
        raise InputError("the co-occurrence counts are damaged: make them again")


def _allocate(words: int, dim: int) -> NDArray[np.float32]:
    """Records, float32 ``[words, 4, padded dim + 2]``."""
    rows = aligned(words * 4, dim + 2)
    return rows.reshape(words, 4, rows.shape[1])


def _initialise(records: NDArray[np.float32], dim: int, seed: int) -> None:
    """Vectors and biases evenly between ±1/(2·dim + 2), sums 1, as ``glove`` begins."""
    random = np.random.default_rng(seed)
    for start in range(0, len(records), 16384):
        block = records[start : start + 16384]
        for side in (W, C):
            block[:, side, : dim + 1] = random.random((len(block), dim + 1), np.float32) - 0.5
            block[:, side, : dim + 1] /= dim + 1
            block[:, side + 1] = 1
        # w ends in (bias, 1), c in (1, bias).
        block[:, W, dim + 1] = 1
        block[:, C, dim + 1] = block[:, C, dim]
        block[:, C, dim] = 1


def _take_over(
    records: NDArray[np.float32], counts: Cooccurrences, init: Vectors, dim: int, vectors: str
) -> None:
    """Begin words from their vectors in ``init``. Without context vectors, a word's vector is
    halved among the two whose sum is the result, or the context begins at random."""
    check_init(init, dim)
    found = init.words.find_all(counts.vocab.words[len(SPECIALS) :])
    rows = np.flatnonzero(found >= 0)
    matrix = init.matrix[found[rows]]
    context = init.context[found[rows]] if init.context is not None else None
    if vectors == "sum":
        context = matrix * np.float32(0.5) if context is None else context
        matrix = matrix - context
    records[rows, W, :dim] = matrix
    if context is not None:
        records[rows, C, :dim] = context


def _count_cells(counts: Cooccurrences) -> int:
    """All cells, those that are stored for two counted twice."""
    if not counts.symmetric:
        return len(counts.values)
    # Columns ascend up to the row's own: a cell on the diagonal is the last of its row.
    rows = np.flatnonzero(np.diff(counts.offsets))
    last = counts.columns[counts.offsets[rows + 1] - 1]
    return 2 * len(counts.values) - int((last == rows).sum())


def _blocks(offsets: NDArray[np.int64]) -> list[Block]:
    """Ranges of rows with some ``BLOCK`` cells; of few cells at least some thirty ranges."""
    cells = int(offsets[-1])
    size = min(BLOCK, max(cells // 32, 1))
    cuts = np.searchsorted(offsets, np.arange(size, cells, size))
    ends = np.unique(np.concatenate([[0], cuts, [len(offsets) - 1]])).tolist()
    return list(pairwise(ends))


Pass = Callable[[Block], tuple[float, float, int]]


def _passes(
    records: NDArray[np.float32],
    counts: Cooccurrences,
    settings: dict[str, Any],
    progress: Progress,
) -> tuple[Pass, Pass]:
    """The functions that learn from a block's cells, and that sum its held-out cells' loss."""
    from textdl.compiling import announced_compilation
    from textdl.embeddings.kernels.glove import glove_kernel

    stream = np.random.SeedSequence(settings["seed"]).generate_state(1, np.uint64)[0]
    share = np.uint64(settings["held_out"] * 2**32)
    figures = [
        np.float32(value)
        for value in (np.log(settings["x_max"]), *(settings[n] for n in ("alpha", "lr", "clip")))
    ]

    def one(learning: bool) -> Pass:
        kernel = glove_kernel(settings["dim"], records.shape[2], learning)

        def run(block: Block) -> tuple[float, float, int]:
            loss, ignorant, cells = kernel(
                records, counts.offsets, counts.columns, counts.values, *block, counts.symmetric,
                *figures, stream, share,
            )  # fmt: skip
            return float(loss), float(ignorant), int(cells)

        return run

    learn, judge = one(True), one(False)
    with announced_compilation(progress):
        learn((0, 0))
        if share:
            judge((0, 0))
    return learn, judge


def _refuse_divergence(reached: _Reached, lr: float) -> None:
    """Stop when the loss is ten times that of being one off what zero vectors predict."""
    if reached.loss > 10 * reached.ignorant or not np.isfinite(reached.loss):
        raise InputError(
            f"training diverged: loss {reached.loss / max(reached.cells, 1):.3g} per cell in epoch "
            f"{len(reached.losses) + 1}. Lower lr (it was {lr})"
        )
