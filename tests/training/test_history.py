from textdl.training.history import Epoch, History
from textdl.training.recipe import Recipe
from textdl.training.stopping import finished, length


def history(*accuracies):
    return History(Epoch(0.5, 0.5, 0.5, accuracy) for accuracy in accuracies)


def test_best_epoch():
    assert history(0.5, 0.7, 0.6).best == 1
    assert history(0.5, 0.7, 0.7).best == 1
    lower_loss = History([Epoch(1, 1, 0.5, 0.7), Epoch(1, 1, 0.4, 0.7), Epoch(1, 1, 0.3, 0.6)])
    assert lower_loss.best == 1


def test_stops_after_patience_or_at_the_end():
    short, longer = Recipe(epochs=3, patience=1), Recipe(epochs=4, patience=2)
    assert not finished(history(), short)
    assert not finished(history(0.5, 0.6), short)
    assert finished(history(0.6, 0.6), short)
    assert not finished(history(0.6, 0.5), longer)
    assert finished(history(0.6, 0.5, 0.55), longer)
    assert finished(history(0.1, 0.2, 0.3), Recipe(epochs=3, patience=2))


def test_patience_counts_when_all_layers_are_trained_and_averaging_has_begun():
    accuracies = 0.6, *[0.5] * 9
    for settings, layers, epochs in (
        ({}, 4, 3),
        ({"unfreeze": "gradual"}, 1, 3),
        ({"unfreeze": "gradual"}, 4, 6),
        ({"averaging": "swa", "swa_start": 0.5}, 4, 8),
        ({"averaging": "swa", "swa_start": 0.1, "unfreeze": "gradual"}, 4, 6),
    ):
        recipe = Recipe(epochs=10, patience=2, **settings)
        assert length(history(*accuracies), recipe, layers) == epochs
        assert not finished(history(*accuracies[: epochs - 1]), recipe, layers)
        assert finished(history(*accuracies[:epochs]), recipe, layers)
    assert not finished(history(0.6, 0.5, 0.5, 0.7, 0.6), Recipe(epochs=10, unfreeze="gradual"), 4)


def test_how_many_epochs_a_run_has():
    assert length(history(), Recipe()) == 0
    assert length(history(0.5, 0.6), Recipe()) == 2
    assert length(history(0.5, 0.6, 0.7), Recipe(epochs=2)) == 2
    assert length(history(0.6, 0.5, 0.7), Recipe(patience=1)) == 2


def test_json_round_trip():
    one = history(0.123456789012345678, 0.5)
    assert History.from_json(one.to_json()) == one
