"""Co-occurrence counts and GloVe, slow and obvious, in float64."""

from collections import Counter

import numpy as np


def count(documents, *, window, symmetric=True, distance_weighting=True):
    """The cells {(i, j): count} of all rows and columns, in units of 2⁻³²."""
    cells = Counter()
    for document in documents:
        for i, word in enumerate(document):
            for distance in range(1, window + 1):
                if i + distance < len(document):
                    other = document[i + distance]
                    weight = round(2**32 / (distance if distance_weighting else 1))
                    cells[word, other] += weight
                    if symmetric:
                        cells[other, word] += weight
    return cells


class Model:
    """Vectors w, context vectors c, their biases, and AdaGrad's sums for all of them."""

    def __init__(self, w, c, b, d):
        self.parameters = [np.array(x, np.float64) for x in (w, c, b, d)]
        self.sums = [np.ones_like(x) for x in self.parameters]

    def loss(self, i, j, count, x_max, alpha):
        w, c, b, d = self.parameters
        weight = min(1, (count / x_max) ** alpha)
        return 0.5 * weight * (w[i] @ c[j] + b[i] + d[j] - np.log(count)) ** 2

    def gradients(self, i, j, count, x_max, alpha):
        """The derivatives of :meth:`loss` by w[i], c[j], b[i] and d[j]."""
        w, c, b, d = self.parameters
        weight = min(1, (count / x_max) ** alpha)
        error = weight * (w[i] @ c[j] + b[i] + d[j] - np.log(count))
        return [error * c[j], error * w[i], error, error]

    def step(self, i, j, count, x_max, alpha, lr, clip):
        w, c, b, d = self.parameters
        weight = min(1, (count / x_max) ** alpha)
        lengths = w[i] @ w[i] + b[i] ** 2 + 1 + c[j] @ c[j] + d[j] ** 2 + 1
        damping = 1 + lr * weight * lengths
        gradients = [g / damping for g in self.gradients(i, j, count, x_max, alpha)]
        for x, sums, row, gradient in zip(
            self.parameters, self.sums, (i, j, i, j), gradients, strict=True
        ):
            t = lr * np.clip(gradient, -clip, clip)
            x[row] -= t / np.sqrt(sums[row])
            sums[row] += t**2
