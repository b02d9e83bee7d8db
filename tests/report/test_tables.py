import numpy as np
import pytest
from report.test_report import Page

from textdl.classifiers.evaluation import Evaluation, score_labels
from textdl.report.page import Section, section_html
from textdl.report.tables import MANY, confusion_table


def evaluated(names, true, said):
    scores = score_labels(np.array(true), np.array(said), names)
    return Evaluation("test", len(true), names, 0.5, scores, None)


def test_confusion_is_shaded_by_the_share_of_a_row():
    table = confusion_table(evaluated(["no", "yes", "absent"], [0, 0, 0, 1], [0, 0, 1, 1]))
    assert table.columns == ["true \\ predicted", "no", "yes", "absent"]
    assert table.rows == [
        ["no", "2", "1", "0"],
        ["yes", "0", "1", "0"],
        ["absent", "0", "0", "0"],
    ]
    assert table.shades == pytest.approx({(0, 1): 2 / 3, (0, 2): 1 / 3, (1, 2): 1})
    text = section_html(Section("Confusion", [], [table]))
    assert '<td class="right number" style="--share: 67%">2</td>' in text
    assert '<td class="right number">0</td>' in text


@pytest.mark.parametrize("label", ["$", "$5 to $9", "#010203", "x" * 100, "好评"])
def test_labels_of_any_kind_are_shown_as_they_are(label):
    text = section_html(Section("", [], [confusion_table(evaluated([label, "b"], [0], [1]))]))
    assert text.count(f">{label}</th>") == 2


def test_many_classes_are_shown_when_asked_for():
    names = [f"class {i}" for i in range(MANY + 1)]
    many = confusion_table(evaluated(names, range(MANY + 1), range(MANY + 1)))
    assert many.folded
    assert Page(section_html(Section("", [], [many]))).tables == 1
    assert not confusion_table(evaluated(names[:-1], range(MANY), range(MANY))).folded
