"""The objectives of skip-gram, CBOW and FastText, slow and obvious, in float64.

A step has a hidden vector h, the scaled sum of rows of ``v``, and targets: rows of ``u`` with a
number t that says whether the pair is true (t > 0) or noise (t < 0) and how much it counts.
"""

from dataclasses import dataclass, field

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


@dataclass
class Model:
    """What is trained, and with which settings."""

    v: np.ndarray
    u: np.ndarray
    keep: list
    weights: np.ndarray
    thresholds: list
    aliases: list
    window: int
    shrink: bool
    negative: int = 5
    shared: int = 1
    paths: list = field(default_factory=list)
    parts: list = field(default_factory=list)
    mean: bool = True
    normalized: bool = True
    per_pair: float | None = None


def loss_of(v, u, rows, scale, targets):
    """The loss of one hidden vector, Σ -|t| log σ(±u·h)."""
    h = scale * sum(v[row] for row in rows)
    return -sum(abs(t) * np.log(sigmoid(np.sign(t) * u[k] @ h)) for k, t in targets if t)


def gradients(v, u, rows, scale, targets):
    """The derivatives of :func:`loss_of` by h and by ``u``."""
    h = scale * sum(v[row] for row in rows)
    dh, du = np.zeros_like(h), np.zeros_like(u)
    for k, t in targets:
        error = -t * sigmoid(-np.sign(t) * u[k] @ h)
        dh += error * u[k]
        du[k] += error * h
    return dh, du


def step(v, u, rows, scale, back, targets, rate):
    """One step down the gradient, in place; every row gets ``back`` times what h moves by. Of a row
    of ``u`` that is a target twice, the second place finds it moved by the first."""
    h = scale * sum(v[row] for row in rows)
    errors = [-t * sigmoid(-np.sign(t) * u[k] @ h) if t else 0.0 for k, t in targets]
    dh = np.zeros_like(h)
    for (k, _), error in zip(targets, errors, strict=True):
        dh += error * u[k]
        u[k] -= rate * error * h
    for row in rows:
        v[row] -= rate * back * dh


def window_step(v, u, contexts, targets, rate):
    """One step of skip-gram: each context word's row is a hidden vector, with the same targets. Of
    a context word that stands twice, the first place has moved when the second's share of ``u``'s
    step is taken."""
    errors = [
        [-t * sigmoid(-np.sign(t) * u[k] @ v[c]) if t else 0.0 for k, t in targets]
        for c in contexts
    ]
    du = np.zeros_like(u)
    for c, row in zip(contexts, errors, strict=True):
        for (k, _), error in zip(targets, row, strict=True):
            du[k] += error * v[c]
        v[c] -= rate * sum(error * u[k] for (k, _), error in zip(targets, row, strict=True))
    u -= rate * du


def windows(model, documents, *, lr, slope, stream, ahead):
    """Every window of documents that follow each other from position 0.

    Args:
        ahead: in which order a kernel draws: its ``"negatives"`` one word ahead of the width of
            the window, or both (``"all"``), or the width alone (``"reach"``).

    Yields:
        learning rate, word, context words, negative samples.
    """
    random, position = Stream(mix(stream ^ mix(GOLDEN))), 0

    def draw():
        r = random.next()
        i = ((r & 0xFFFFFFFF) * len(model.thresholds)) >> 32
        return i if (r >> 32) < model.thresholds[i] else model.aliases[i]

    def reach_of_window():
        if not model.shrink:
            return model.window
        return model.window - (((random.next() & 0xFFFFFFFF) * model.window) >> 32)

    def negatives_at(place, before):
        return before if place % model.shared else [draw() for _ in range(model.negative)]

    for document in documents:
        kept = [
            word
            for i, word in enumerate(document, position)
            if (mix((stream + i * GOLDEN) & MASK) >> 32) < model.keep[word]
        ]
        rate = lr - slope * position
        position += len(document)
        if not kept:
            continue
        coming, reach = [], None
        for center in range(-1, len(kept)):
            now, this_reach = coming, reach
            if ahead == "negatives":
                coming = negatives_at(center + 1, now)
            if ahead == "all" and center + 1 < len(kept):
                reach = reach_of_window()
                coming = negatives_at(center + 1, now)
            if center < 0:
                continue
            if ahead != "all":
                this_reach = reach_of_window()
            around = range(max(center - this_reach, 0), min(center + this_reach + 1, len(kept)))
            yield rate, kept[center], [kept[i] for i in around if i != center], now


def noise_targets(model, word, negatives):
    w = model.weights[word]
    return [(word, w), *((k, -w if k != word else 0.0) for k in negatives)]


def train_skipgram(model, documents, **pass_):
    """Returns the summed loss and the number of pairs, as do the others."""
    loss, pairs = 0.0, 0
    for rate, word, contexts, negatives in windows(model, documents, ahead="negatives", **pass_):
        targets = noise_targets(model, word, negatives)
        loss += sum(loss_of(model.v, model.u, [c], 1, targets) for c in contexts)
        window_step(model.v, model.u, contexts, targets, rate)
        pairs += len(contexts)
    return loss, pairs


def train_skipgram_softmax(model, documents, **pass_):
    loss, pairs = 0.0, 0
    for rate, word, contexts, _ in windows(model, documents, ahead="reach", **pass_):
        targets = [(node, model.weights[word] * t) for node, t in model.paths[word]]
        for c in contexts:
            loss += loss_of(model.v, model.u, [c], 1, targets)
            step(model.v, model.u, [c], 1, 1, targets, rate)
        pairs += len(contexts)
    return loss, pairs


def train_cbow(model, documents, **pass_):
    loss, count = 0.0, 0
    ahead = "reach" if model.paths else "negatives"
    for rate, word, contexts, negatives in windows(model, documents, ahead=ahead, **pass_):
        if not contexts:
            continue
        if model.paths:
            targets = [(node, model.weights[word] * t) for node, t in model.paths[word]]
        else:
            targets = noise_targets(model, word, negatives)
        rows = [row for c in contexts for row in (model.parts[c] if model.parts else [c])]
        scale = 1 / len(rows) if model.mean else 1
        back = scale if model.mean and model.normalized else 1
        loss += loss_of(model.v, model.u, rows, scale, targets)
        step(model.v, model.u, rows, scale, back, targets, rate)
        count += 1
    return loss, count


def train_subwords(model, documents, **pass_):
    loss, pairs = 0.0, 0
    for rate, word, contexts, negatives in windows(model, documents, ahead="all", **pass_):
        if not contexts:
            continue
        w = model.weights[word]
        others = [sum(c != k for c in contexts) for k in negatives]
        targets = [(c, w) for c in contexts]
        share = (model.per_pair or model.negative) / model.negative
        targets += [(k, -w * n * share) for k, n in zip(negatives, others, strict=True)]
        rows = model.parts[word]
        scale = 1 / len(rows)
        loss += loss_of(model.v, model.u, rows, scale, targets)
        back = scale if model.normalized else 1
        step(model.v, model.u, rows, scale, back, targets, rate)
        pairs += len(contexts)
    return loss, pairs
