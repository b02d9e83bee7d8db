"""One pass of stochastic gradient descent over documents that are means of rows."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True, fastmath={"contract", "nsz", "reassoc"})
def train_epoch(table, weights, bias, rows, offsets, labels, order, lr, end_lr, dropout, seed):
    """Descend along the gradient of each document's cross-entropy, one document after the other.

    Args:
        table: float32 ``[rows, dim]``, changed in place, as are
        weights: float32 ``[classes, dim]``, and
        bias: float32 ``[classes]``.
        rows: int32 ``[total]``, those of document ``i`` are ``rows[offsets[i]:offsets[i + 1]]``.
        labels: int32 ``[documents]``.
        order: int64 ``[n]``, the documents to go through.
        lr, end_lr: the learning rate at the first document and behind the last one; with 0
            nothing changes.
        dropout: share of the rows that a mean leaves out.
        seed: uint64, decides which.

    Returns:
        the summed loss in nats, and how many documents were classified rightly.
    """
    classes, dim = weights.shape
    chosen = np.empty(np.max(offsets[1:] - offsets[:-1]), np.int32)
    hidden, gradient = np.empty(dim, np.float32), np.empty(dim, np.float32)
    scores = np.empty(classes, np.float32)
    threshold = np.uint64(dropout * 2**32)
    random = np.uint64(seed)
    loss, right = 0.0, 0
    for n in range(len(order)):
        document = order[n]
        kept = 0
        hidden[:] = 0
        for i in range(offsets[document], offsets[document + 1]):
            random = random * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
            if random >> np.uint64(32) < threshold:
                continue
            chosen[kept] = rows[i]
            kept += 1
            row = table[rows[i]]
            for k in range(dim):
                hidden[k] += row[k]
        share = np.float32(1) / np.float32(max(kept, 1))
        for k in range(dim):
            hidden[k] *= share

        highest = np.float32(-np.inf)
        for c in range(classes):
            score = bias[c]
            for k in range(dim):
                score += weights[c, k] * hidden[k]
            scores[c] = score
            highest = max(highest, score)
        label = labels[document]
        right += scores[label] >= highest
        total = np.float32(0)
        for c in range(classes):
            total += np.exp(scores[c] - highest)
        loss += np.log(total) - (scores[label] - highest)

        rate = np.float32(lr + (end_lr - lr) * n / len(order))
        gradient[:] = 0
        for c in range(classes):
            step = rate * ((c == label) - np.exp(scores[c] - highest) / total)
            bias[c] += step
            for k in range(dim):
                gradient[k] += step * weights[c, k]
                weights[c, k] += step * hidden[k]
        for k in range(dim):
            gradient[k] *= share
        for i in range(kept):
            row = table[chosen[i]]
            for k in range(dim):
                row[k] += gradient[k]
    return loss, right
