import numpy as np
import pytest

from textdl.embeddings.sampling import ALWAYS, alias_table, keep_thresholds


def test_an_alias_table_holds_the_distribution():
    weights = np.array([5.0, 0, 1, 3, 0.001])
    thresholds, aliases = alias_table(weights.copy())
    share = thresholds / ALWAYS
    drawn = share.copy()
    np.add.at(drawn, aliases, 1 - share)
    np.testing.assert_allclose(drawn / len(weights), weights / weights.sum(), atol=1e-9)


def test_a_table_of_one_word():
    thresholds, aliases = alias_table(np.array([7.0]))
    assert (int(thresholds[0]), int(aliases[0])) == (ALWAYS, 0)


def test_frequent_words_are_skipped_as_in_word2vec():
    counts = np.array([0, 900, 99, 1])
    keep = keep_thresholds(counts, 0.1) / ALWAYS
    ratio = 0.1 * 1000 / 900
    assert keep[0] == 0
    assert keep[1] == pytest.approx(np.sqrt(ratio) + ratio)
    assert (keep[2:] == 1).all()


def test_without_sampling_all_words_are_kept():
    assert keep_thresholds(np.array([0, 10**9, 1]), 0).tolist() == [0, ALWAYS, ALWAYS]
