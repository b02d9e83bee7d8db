from textdl.training.history import Epoch, History
from textdl.training.stopping import finished


def history(*accuracies):
    return History(Epoch(0.5, 0.5, 0.5, accuracy) for accuracy in accuracies)


def test_best_epoch():
    assert history(0.5, 0.7, 0.6).best == 1
    assert history(0.5, 0.7, 0.7).best == 1
    lower_loss = History([Epoch(1, 1, 0.5, 0.7), Epoch(1, 1, 0.4, 0.7), Epoch(1, 1, 0.3, 0.6)])
    assert lower_loss.best == 1


def test_stops_after_patience_or_at_the_end():
    assert not finished(history(), epochs=3, patience=1)
    assert not finished(history(0.5, 0.6), epochs=3, patience=1)
    assert finished(history(0.6, 0.6), epochs=3, patience=1)
    assert not finished(history(0.6, 0.5), epochs=4, patience=2)
    assert finished(history(0.6, 0.5, 0.55), epochs=4, patience=2)
    assert finished(history(0.1, 0.2, 0.3), epochs=3, patience=2)


def test_json_round_trip():
    one = history(0.123456789012345678, 0.5)
    assert History.from_json(one.to_json()) == one
