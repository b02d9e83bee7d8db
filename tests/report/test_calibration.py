import numpy as np
import pytest

from textdl.report import figures
from textdl.report.calibration import calibration


def test_the_error_is_the_mean_distance():
    true = np.array([0, 0, 1, 1])
    probabilities = np.array([[0.92, 0.08], [0.98, 0.02], [0.94, 0.06], [0.35, 0.65]])
    found = calibration(true, probabilities)
    assert found.counts.tolist() == [0, 0, 0, 0, 0, 0, 1, 0, 0, 3]
    assert found.confidence[9] == pytest.approx((0.92 + 0.98 + 0.94) / 3)
    assert found.accuracy[9] == pytest.approx(2 / 3)
    distances = 3 * abs((0.92 + 0.98 + 0.94) / 3 - 2 / 3) + 0.35
    assert found.error == pytest.approx(distances / 4)


def test_who_is_as_sure_as_right_has_no_error():
    probabilities = np.tile([0.75, 0.25], (400, 1))
    assert calibration(np.repeat([0, 0, 0, 1], 100), probabilities).error == pytest.approx(0)
    certain = calibration(np.zeros(3, int), np.tile([1.0, 0.0], (3, 1)))
    assert certain.counts[9] == 3
    assert certain.error == 0


def test_every_one_of_several_labels_is_a_decision():
    found = calibration(np.array([[1, 0], [0, 0]]), np.array([[0.9, 0.2], [0.7, 0.3]]))
    assert found.counts.sum() == 4
    assert found.counts.tolist()[7:] == [2, 1, 1]
    assert found.accuracy[7] == pytest.approx(0.5)


def test_the_figure_tells_the_error():
    figure = figures.reliability(calibration(np.zeros(3, int), np.full((3, 2), 0.5)), "net")
    assert "expected calibration error 0.500 over 3 decisions" in figure.caption
    assert 'aria-label="net. Reliability' in figure.svg
