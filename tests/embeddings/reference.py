"""Skip-gram with negative sampling, slow and obvious, in float64."""

import numpy as np

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def mix(x):
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


class Stream:
    """SplitMix64."""

    def __init__(self, state):
        self.state = state

    def next(self):
        self.state = (self.state + GOLDEN) & MASK
        return mix(self.state)


def window_loss(v, u, contexts, word, negatives):
    """The loss of one window: ``contexts`` predict ``word`` and not the ``negatives``."""
    total = 0.0
    for c in contexts:
        total -= np.log(sigmoid(u[word] @ v[c]))
        for k in negatives:
            if k != word:
                total -= np.log(sigmoid(-u[k] @ v[c]))
    return total


def window_gradients(v, u, contexts, word, negatives):
    """The derivatives of :func:`window_loss` by ``v`` and ``u``."""
    dv, du = np.zeros_like(v), np.zeros_like(u)
    for c in contexts:
        for k, label in [(word, 1), *((k, 0) for k in negatives if k != word)]:
            error = sigmoid(u[k] @ v[c]) - label
            dv[c] += error * u[k]
            du[k] += error * v[c]
    return dv, du


def window_step(v, u, contexts, word, negatives, rate):
    """One step down the gradient, in place. Of a context word that stands twice in the window,
    the first place has moved when the second's share of ``u``'s step is taken."""
    outputs = [(word, 1), *((k, 0) for k in negatives if k != word)]
    errors = [[sigmoid(u[k] @ v[c]) - label for k, label in outputs] for c in contexts]
    du = np.zeros_like(u)
    for c, row in zip(contexts, errors, strict=True):
        for (k, _), error in zip(outputs, row, strict=True):
            du[k] += error * v[c]
        v[c] -= rate * sum(error * u[k] for (k, _), error in zip(outputs, row, strict=True))
    u -= rate * du


def train(
    v, u, documents, keep, thresholds, aliases, *, window, negative, shrink, lr, slope, stream
):
    """One pass over documents that follow each other from position 0; changes ``v`` and ``u``.

    Returns the summed loss and the number of pairs.
    """
    random = Stream(mix(stream ^ mix(GOLDEN)))
    loss, pairs, position = 0.0, 0, 0

    def draw():
        r = random.next()
        i = ((r & 0xFFFFFFFF) * len(thresholds)) >> 32
        return i if (r >> 32) < thresholds[i] else aliases[i]

    for document in documents:
        kept = [
            word
            for i, word in enumerate(document, position)
            if (mix((stream + i * GOLDEN) & MASK) >> 32) < keep[word]
        ]
        rate = lr - slope * position
        position += len(document)
        if not kept:
            continue
        ahead = [draw() for _ in range(negative)]
        for center, word in enumerate(kept):
            negatives, ahead = ahead, [draw() for _ in range(negative)]
            reach = window
            if shrink:
                reach -= ((random.next() & 0xFFFFFFFF) * window) >> 32
            around = range(max(center - reach, 0), min(center + reach + 1, len(kept)))
            contexts = [kept[i] for i in around if i != center]
            loss += window_loss(v, u, contexts, word, negatives)
            pairs += len(contexts)
            window_step(v, u, contexts, word, negatives, rate)
    return loss, pairs
