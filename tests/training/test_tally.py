from dataclasses import asdict

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, f1_score

from textdl.training.tally import Tally

RANDOM = np.random.default_rng(4)


@pytest.mark.parametrize("several", [False, True])
def test_scores_are_scikit_learns(several):
    logits = RANDOM.normal(size=(90, 3))
    labels = RANDOM.integers(0, 2, (90, 3)) if several else RANDOM.integers(0, 3, 90)
    tally = Tally()
    for rows in np.split(np.arange(90), [7, 30]):
        some = torch.from_numpy(logits[rows]), torch.from_numpy(labels[rows])
        tally.add(len(rows), 2 * len(rows), *some)
    predicted = logits > 0 if several else logits.argmax(1)
    assert tally.accuracy == pytest.approx(accuracy_score(labels, predicted))
    assert tally.macro_f1 == pytest.approx(f1_score(labels, predicted, average="macro"))
    assert tally.loss == pytest.approx((7 * 7 + 23 * 23 + 60 * 60) / 90)
    assert Tally(**asdict(tally)) == tally


def test_scores_by_monitor():
    tally = Tally()
    tally.add(0.5, 4, torch.tensor([[1.0, 0.0]] * 4), torch.tensor([0, 0, 0, 1]))
    assert tally.only == 0
    assert tally.score("accuracy") == 0.75
    assert tally.score("loss") == -0.5
    assert tally.score("macro_f1") == pytest.approx(0.75 / 1.75)
    assert Tally().macro_f1 == 0
    assert Tally().only is None
    tally.add(0.5, 1, torch.tensor([[0.0, 1.0]]), torch.tensor([1]))
    assert tally.only is None


def test_a_probability_of_one_half_is_enough_of_several_labels():
    tally = Tally()
    tally.add(0.5, 1, torch.tensor([[0.0, -1.0]]), torch.tensor([[1, 0]]))
    assert tally.accuracy == 1
