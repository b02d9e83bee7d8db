"""Batches of documents of similar length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

POOL = 50
"""Batches are cut from so many batches' worth of shuffled documents, sorted by length."""

MOST_TOKENS = 1 << 18
"""A batch holds no more places than this, padding included, unless one document alone does."""


class Augment(Protocol):
    """Other documents in place of given ones, a function of its arguments alone."""

    def __call__(
        self, tokens: NDArray[np.int32], offsets: NDArray[np.int64], *, seed: int, epoch: int
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]: ...

    def content(self) -> Iterator[NDArray[Any]]:
        """All that they depend on besides, for a digest."""
        ...


class Batch(NamedTuple):
    """Documents side by side, padded with 0.

    Attributes:
        ids: int64 ``[batch, longest]``.
        lengths: int64 ``[batch]``, how many of the ids are no padding.
        labels: int64 ``[batch]``, or 0 and 1 in ``[batch, classes]``.
        rows: int64 ``[batch]``, which document each is, counted from 0.
    """

    ids: torch.Tensor
    lengths: torch.Tensor
    labels: torch.Tensor
    rows: torch.Tensor

    def to(self, device: torch.device) -> Batch:
        return Batch(*(tensor.to(device, non_blocking=True) for tensor in self))

    def twice(self) -> Batch:
        """The same documents once more behind them."""
        return Batch(*(torch.cat([tensor, tensor]) for tensor in self))


@dataclass(frozen=True, eq=False)
class Batches:
    """Documents that lie one behind the other, possibly memory-mapped, batched on demand.

    Args:
        tokens: int ``[tokens]``, ids greater than 0; 0 is padding.
        offsets: int64 ``[n + 1]``, document ``i`` is ``tokens[offsets[i]:offsets[i + 1]]``.
        documents: int64 ``[m]``, which of the ``n`` documents take part.
        labels: int ``[m]``, the class of each, or, if a document may have several, 0 and 1 in
            ``[m, classes]``; all 0 if none are given.
        batch_size: documents per batch, at most.
        max_length: of a longer document only the first so many tokens count.
        augment: makes other documents of these for every epoch.
    """

    tokens: NDArray[np.integer]
    offsets: NDArray[np.int64]
    documents: NDArray[np.int64]
    labels: NDArray[np.integer] | None = None
    batch_size: int = 64
    max_length: int | None = None
    augment: Augment | None = None

    def __len__(self) -> int:
        """How many documents there are."""
        return len(self.documents)

    def content(self) -> Iterator[NDArray[Any]]:
        """All that the batches are made of, for a digest."""
        if self.augment is not None:
            yield from self.augment.content()
        if self.labels is not None:
            yield self.labels
        yield from self._texts()

    @property
    def one_label(self) -> bool:
        """Whether a document has just one label."""
        return self.labels is None or self.labels.ndim == 1

    def class_counts(self) -> NDArray[np.int64]:
        """How many documents have each label, int64 ``[highest label + 1]``."""
        if self.labels is None:
            return np.array([len(self)], np.int64)
        if self.labels.ndim == 2:
            return np.asarray(self.labels.sum(0), np.int64)
        return np.bincount(self.labels)

    def in_order(self) -> Iterator[Batch]:
        """Every document once, short ones first."""
        lengths = self._lengths()
        for group in self._groups(np.argsort(lengths, kind="stable"), lengths):
            yield self._batch(group, lengths)

    def shuffled(self, seed: int, epoch: int) -> Iterator[Batch]:
        """Every document once, augmented, in an order that ``seed`` and ``epoch`` decide."""
        if self.augment is not None:
            yield from self._augmented(self.augment, seed, epoch).shuffled(seed, epoch)
            return
        lengths = self._lengths()
        generator = np.random.default_rng([seed, epoch])
        shuffled = generator.permutation(len(self))
        size = POOL * self.batch_size
        for start in range(0, len(self), size):
            pool = shuffled[start : start + size]
            by_length = pool[np.argsort(lengths[pool], kind="stable")]
            batches = list(self._groups(by_length, lengths))
            for i in generator.permutation(len(batches)):
                yield self._batch(batches[i], lengths)

    def _augmented(self, augment: Augment, seed: int, epoch: int) -> Batches:
        tokens = np.concatenate([np.zeros(0, np.int32), *self._texts()])
        ends = np.concatenate([[0], np.cumsum(self._lengths())])
        tokens, offsets = augment(tokens.astype(np.int32), ends, seed=seed, epoch=epoch)
        return replace(
            self, tokens=tokens, offsets=offsets, documents=np.arange(len(self)), augment=None
        )

    def _texts(self) -> Iterator[NDArray[np.integer]]:
        tokens = np.asarray(self.tokens)
        begins = self.offsets[self.documents]
        for begin, length in zip(begins.tolist(), self._lengths().tolist(), strict=True):
            yield tokens[begin : begin + length]

    def _lengths(self) -> NDArray[np.int64]:
        lengths = self.offsets[self.documents + 1] - self.offsets[self.documents]
        return lengths if self.max_length is None else np.minimum(lengths, self.max_length)

    def _groups(
        self, rows: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> Iterator[NDArray[np.int64]]:
        """Cut rows that are sorted by length into batches."""
        start = 0
        while start < len(rows):
            places = lengths[rows[start : start + self.batch_size]] * np.arange(
                1, min(self.batch_size, len(rows) - start) + 1
            )
            size = max(1, int(np.searchsorted(places, MOST_TOKENS, "right")))
            yield rows[start : start + size]
            start += size

    def _batch(self, rows: NDArray[np.int64], lengths: NDArray[np.int64]) -> Batch:
        ids = np.zeros((len(rows), int(lengths[rows].max())), np.int64)
        tokens = np.asarray(self.tokens)
        for line, row in zip(ids, rows, strict=True):
            begin, length = self.offsets[self.documents[row]], lengths[row]
            line[:length] = tokens[begin : begin + length]
        labels = np.zeros(len(rows), np.int64) if self.labels is None else self.labels[rows]
        arrays = (ids, lengths[rows], labels.astype(np.int64), rows)
        return Batch(*(torch.from_numpy(array) for array in arrays))
