"""The tree of hierarchical softmax: words as leaves, frequent ones near the root.

Morin & Bengio 2005, "Hierarchical Probabilistic Neural Network Language Model"; with Huffman's tree
as in Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their
Compositionality", section 2.1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LONGEST_PATH = 64  # a longer one takes more words than fit on any disk


class Tree(NamedTuple):
    """The paths from the root to the words: word w is the leaf below the inner nodes
    ``nodes[offsets[w]:offsets[w + 1]]`` (int32), at each of which it lies on the side that
    ``targets`` (float32) says, 1 or -1. Words that never occur have no path."""

    nodes: NDArray[np.int32]
    targets: NDArray[np.float32]
    offsets: NDArray[np.int64]


NO_TREE = Tree(np.zeros(0, np.int32), np.zeros(0, np.float32), np.zeros(1, np.int64))
"""For kernels that are told not to use one."""


def huffman_tree(counts: NDArray[np.int64]) -> Tree:
    """The tree with the shortest mean path (Huffman 1952).

    Args:
        counts: int64 ``[words]``; n words that occur make n - 1 inner nodes, the root is the last.
    """
    leaves = np.flatnonzero(counts)
    leaves = leaves[np.argsort(counts[leaves], kind="stable")]
    n = len(leaves)
    weights = counts[leaves].tolist()
    parents, sides = np.zeros(2 * n, np.int64), np.ones(2 * n, np.float32)
    leaf, node = 0, n
    for parent in range(n, 2 * n - 1):
        total = 0
        for side in (1, -1):
            # Both leaves and inner nodes come by rising weight, so the lightest is one of two.
            if leaf < n and (node >= parent or weights[leaf] <= weights[node]):
                lightest, leaf = leaf, leaf + 1
            else:
                lightest, node = node, node + 1
            parents[lightest], sides[lightest] = parent, side
            total += weights[lightest]
        weights.append(total)

    root = 2 * n - 2
    at, paths, turns = np.arange(n), [], []
    while (at != root).any():
        below = at != root
        turns.append(np.where(below, sides[at], 0))
        at = np.where(below, parents[at], root)
        paths.append(at - n)
    if len(paths) > LONGEST_PATH:
        raise ValueError(f"a path of {len(paths)} nodes: counts cannot be right")
    nodes = np.array(paths[::-1], np.int32).reshape(-1, n).T
    targets = np.array(turns[::-1], np.float32).reshape(-1, n).T
    order = np.argsort(leaves)
    used = targets[order] != 0
    lengths = np.zeros(len(counts), np.int64)
    lengths[leaves[order]] = used.sum(axis=1)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return Tree(nodes[order][used], targets[order][used], offsets)
