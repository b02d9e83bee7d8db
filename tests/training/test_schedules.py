import math

import pytest

from textdl.training.history import Epoch, History
from textdl.training.recipe import Recipe
from textdl.training.schedules import plateaus, rate


def rates(*at, history=(), **settings):
    recipe = Recipe(epochs=10, **settings)
    return [rate(recipe, done, History(history)) for done in at]


def epochs(*accuracies):
    return [Epoch(0.5, 0.5, 0.5, accuracy) for accuracy in accuracies]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"schedule": "constant"}, [1, 1, 1, 1]),
        ({"schedule": "step", "decay_every": 2}, [1, 1, 0.5**2, 0.5**4]),
        ({"schedule": "exponential", "decay": 0.9}, [1, 0.9, 0.9**5, 0.9**9.5]),
        ({"schedule": "linear"}, [1, 0.9, 0.5, 0.05]),
        ({"schedule": "linear", "warmup": 0.5}, [0, 0.2, 1, 0.1]),
        ({"schedule": "constant", "warmup": 0.2}, [0, 0.5, 1, 1]),
        (
            {"schedule": "cosine"},
            [1, (1 + math.cos(0.1 * math.pi)) / 2, 0.5, (1 + math.cos(0.95 * math.pi)) / 2],
        ),
    ],
)
def test_rates(settings, expected):
    assert rates(0, 1, 5, 9.5, **settings) == pytest.approx(expected)


def test_one_cycle_rises_to_the_top_and_falls_lower_than_it_began():
    found = rates(*(i / 10 for i in range(101)), schedule="one-cycle")
    top = found.index(max(found))
    assert top == 30
    assert found[30] == pytest.approx(1)
    assert found[:31] == sorted(found[:31])
    assert found[30:] == sorted(found[30:], reverse=True)
    assert found[0] == pytest.approx(1 / 25)
    assert found[-1] == pytest.approx(1e-4)


def test_plateau_halves_the_rate():
    better, worse = epochs(0.5, 0.6, 0.7), epochs(0.5, 0.6, 0.6)
    assert rates(3, history=better, schedule="plateau") == [1]
    assert rates(3, history=worse, schedule="plateau") == [0.5]
    assert rates(3, history=worse, schedule="plateau", decay_every=2) == [1]
    assert rates(3, history=worse, schedule="plateau", decay=0.1) == pytest.approx([0.1])


def test_plateaus_begin_anew_after_a_better_epoch():
    assert plateaus(History(epochs(0.5, 0.4, 0.4, 0.6, 0.5, 0.5)), 2) == 2
    assert plateaus(History(epochs(0.5, 0.4, 0.6, 0.5)), 2) == 0
    assert plateaus(History(epochs(0.6, 0.5, 0.5, 0.5, 0.5)), 2) == 2
