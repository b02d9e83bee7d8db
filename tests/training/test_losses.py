import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from textdl.errors import InputError
from textdl.training.losses import Criterion
from textdl.training.recipe import Recipe

RANDOM = torch.Generator().manual_seed(1)
LOGITS = torch.randn(40, 3, generator=RANDOM, dtype=torch.float64)
LABELS = torch.randint(0, 3, (40,), generator=RANDOM)
SEVERAL = torch.randint(0, 2, (40, 3), generator=RANDOM)
WEIGHTS = (0.5, 2.0, 1.0)


def loss(labels=LABELS, logits=LOGITS, counts=(10, 20, 10), **settings):
    return Criterion(Recipe(**settings), np.array(counts))(logits, labels)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_focal_with_gamma_0_is_cross_entropy(weights, smoothing):
    settings = {"class_weights": weights, "label_smoothing": smoothing}
    torch.testing.assert_close(loss(loss="focal", focal_gamma=0, **settings), loss(**settings))


def test_focal():
    p = LOGITS.softmax(1).gather(1, LABELS[:, None])[:, 0]
    torch.testing.assert_close(loss(loss="focal"), (-((1 - p) ** 2) * p.log()).mean())
    sure = torch.tensor([[100.0, 0.0]], requires_grad=True)
    loss(torch.tensor([0]), sure, loss="focal", focal_gamma=0.5).backward()
    assert sure.grad.isfinite().all()


def test_label_smoothing():
    logs = LOGITS.log_softmax(1)
    expected = -0.9 * logs.gather(1, LABELS[:, None]).mean() - 0.1 * logs.mean()
    torch.testing.assert_close(loss(label_smoothing=0.1), expected)


@pytest.mark.parametrize("name", ["cross-entropy", "binary"])
def test_consistency_adds_the_divergence_between_the_halves(name):
    sides = (LOGITS.log_softmax(1), LOGITS.log_softmax(1))
    if name == "binary":  # A class of its own and its absence are two.
        sides = (functional.logsigmoid(LOGITS), functional.logsigmoid(-LOGITS))
    divergence = sum(
        functional.kl_div(to, of, log_target=True, reduction="sum") / of.numel()
        for side in sides
        for of, to in [side.chunk(2), side.chunk(2)[::-1]]
    )
    if name == "cross-entropy":  # Both sides are the same, and the sum is over classes.
        divergence = divergence / 2 * LOGITS.shape[1]
    criterion = Criterion(Recipe(loss=name, consistency=3), np.array([]))
    found = criterion.in_training(LOGITS, LABELS) - criterion(LOGITS, LABELS)
    torch.testing.assert_close(found, 3 * divergence / 2)
    same = LOGITS[:20].repeat(2, 1)
    torch.testing.assert_close(criterion.in_training(same, LABELS), criterion(same, LABELS))


def test_binary():
    p = torch.sigmoid(LOGITS)
    expected = -torch.where(SEVERAL == 1, p, 1 - p).log().mean()
    torch.testing.assert_close(loss(SEVERAL, loss="binary"), expected)
    one_hot = functional.one_hot(LABELS, 3)
    torch.testing.assert_close(loss(loss="binary"), loss(one_hot, loss="binary"))
    smooth = loss(torch.tensor([[1, 0]]), torch.zeros(1, 2), loss="binary", label_smoothing=0.5)
    assert smooth.item() == pytest.approx(math.log(2))


def test_hinge():
    expected = np.mean(
        [
            max(0.0, 1 + max(s for j, s in enumerate(row) if j != y) - row[y])
            for row, y in zip(LOGITS.tolist(), LABELS.tolist(), strict=True)
        ]
    )
    assert loss(loss="hinge").item() == pytest.approx(expected)
    several = np.maximum(0, 1 - (2 * SEVERAL.numpy() - 1) * LOGITS.numpy()).mean()
    assert loss(SEVERAL, loss="hinge").item() == pytest.approx(several)


def test_squared():
    right = torch.tensor([[1.0, -1.0], [-1.0, 1.0]])
    assert loss(torch.tensor([0, 1]), right, loss="squared").item() == 0
    assert loss(torch.tensor([1, 1]), right, loss="squared").item() == 2
    assert loss(torch.tensor([[1, 1], [0, 1]]), right, loss="squared").item() == 1


@pytest.mark.parametrize("name", ["cross-entropy", "focal", "binary", "hinge", "squared"])
def test_a_weight_of_2_is_the_document_twice(name):
    twice = torch.cat([torch.arange(40), torch.nonzero(LABELS == 1)[:, 0]])
    weighted = loss(loss=name, class_weights=(1, 2, 1))
    torch.testing.assert_close(weighted, loss(LABELS[twice], LOGITS[twice], loss=name))


def test_balanced_weights():
    balanced = loss(class_weights="balanced", counts=(10, 20, 10))
    torch.testing.assert_close(balanced, loss(class_weights=(40 / 30, 40 / 60, 40 / 30)))
    absent = loss(class_weights="balanced", counts=(10, 30))
    assert absent.isfinite()


@pytest.mark.parametrize("name", ["binary", "hinge", "squared"])
def test_weights_of_several_labels(name):
    one = torch.full((40, 3), 0.0, dtype=torch.float64)
    assert loss(SEVERAL, one, loss=name, class_weights=WEIGHTS).item() == pytest.approx(
        loss(SEVERAL, one, loss=name).item()
    )


def test_what_does_not_fit():
    with pytest.raises(InputError, match="class_weights has 2 values, and there are 3 classes"):
        loss(class_weights=(1, 2))
    with pytest.raises(InputError, match="'focal' is for documents with one label"):
        loss(SEVERAL, loss="focal")
