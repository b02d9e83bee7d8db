import heapq
from itertools import pairwise

import numpy as np
import pytest

from textdl.embeddings.tree import huffman_tree


def paths(tree):
    ends = tree.offsets
    return [
        list(zip(tree.nodes[a:b].tolist(), tree.targets[a:b].tolist(), strict=True))
        for a, b in pairwise(ends)
    ]


def shortest_length(counts):
    """Σ count · path length of the best tree."""
    heap, total = [int(n) for n in counts if n], 0
    heapq.heapify(heap)
    while len(heap) > 1:
        both = heapq.heappop(heap) + heapq.heappop(heap)
        total += both
        heapq.heappush(heap, both)
    return total


@pytest.mark.parametrize("seed", range(5))
def test_the_paths_are_as_short_as_can_be(seed):
    random = np.random.default_rng(seed)
    counts = random.zipf(1.5, 200) * random.integers(0, 2, 200)
    tree = huffman_tree(counts)
    assert (np.diff(tree.offsets) * counts).sum() == shortest_length(counts)
    assert (np.diff(tree.offsets)[counts == 0] == 0).all()
    assert tree.nodes.max() < (counts > 0).sum() - 1


def test_the_probabilities_of_all_words_sum_to_one():
    random = np.random.default_rng(0)
    counts = random.integers(1, 50, 30)
    scores = random.normal(size=29)
    total = sum(
        np.prod([1 / (1 + np.exp(-t * scores[node])) for node, t in path])
        for path in paths(huffman_tree(counts))
    )
    assert total == pytest.approx(1)


def test_two_words_and_one():
    assert paths(huffman_tree(np.array([0, 5, 0, 3]))) == [[], [(0, -1.0)], [], [(0, 1.0)]]
    assert paths(huffman_tree(np.array([0, 5]))) == [[], []]
