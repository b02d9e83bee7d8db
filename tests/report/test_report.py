import dataclasses
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from embeddings.conftest import make_corpus

from textdl.classifiers.evaluation import Evaluation, score_labels
from textdl.errors import InputError
from textdl.report import figures
from textdl.report.page import Report
from textdl.report.report import write_report
from textdl.vectors import Vectors


class Page(HTMLParser):
    """Tags that are opened and closed, and addresses that are referred to."""

    VOID = frozenset({"meta", "br", "link", "img", "input"})

    def __init__(self, text):
        super().__init__()
        self.open, self.addresses, self.tables, self.figures = [], [], 0, 0
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.addresses += [v for k, v in attributes if k in ("src", "href", "xlink:href")]
        self.tables += tag == "table"
        self.figures += tag == "figure"
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def parts():
    corpus = make_corpus([[0, 1, 2], [1, 2]])
    corpus.info.update(
        {
            "source": {"source": "synthetic"},
            "words": 3,
            "vocab_splits": ["train"],
            "min_count": 1,
            "unknown_rate": 0.25,
        }
    )
    vectors = Vectors(["good", "<b>&|*", "fine"], np.eye(3) + 0.1)
    vectors.info.update({"losses": [3.0, 2.0], "settings": {"dim": 3, "splits": ["train"]}})
    scores = score_labels(np.array([0, 0, 1]), np.array([0, 1, 1]), ["no", "yes"])
    baseline = score_labels(np.array([0, 0, 1]), np.array([1, 1, 1]), ["no", "yes"])
    return corpus, vectors, Evaluation("test", 3, ["no", "yes"], 2 / 3, scores, baseline)


def test_scores():
    scores = score_labels(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), ["no", "yes", "maybe"])
    assert scores.accuracy == 0.75
    assert scores.confusion == [[1, 1, 0], [0, 2, 0], [0, 0, 0]]
    assert scores.per_class["yes"] == pytest.approx(
        {"precision": 2 / 3, "recall": 1, "f1": 0.8, "documents": 2}
    )
    assert scores.macro_f1 == pytest.approx((2 / 3 + 0.8 + 0) / 3)


def test_a_report_is_one_page_that_needs_nothing_else(parts, tmp_path):
    corpus, vectors, evaluation = parts
    report = write_report(tmp_path, corpus, vectors, None, evaluation)
    text = report.html.read_text("utf-8")
    page = Page(text)
    assert all(address.startswith(("data:", "#")) for address in page.addresses)
    assert page.figures == 1
    assert page.tables == 7
    for part in ("66.67%", "a bag of words with logistic regression reaches 33.33%", "synthetic"):
        assert part in text
    assert "&lt;b&gt;&amp;|*" in text
    assert "<b>" not in text
    markdown = (tmp_path / "report.md").read_text("utf-8")
    assert "| model | accuracy |" in markdown
    assert "| network | 0.6667 |" in markdown
    assert re.search(r"\| good \| .*\\<b\\>\\&\\\|\\\*", markdown)


def test_of_a_sweep_mean_and_deviation_are_shown(parts, tmp_path):
    corpus, vectors, evaluation = parts
    seeds = {f"seed {i}": {"accuracy": i / 4, "macro_f1": 0.5} for i in (1, 2, 3)}
    swept = dataclasses.replace(evaluation, seeds=seeds)
    write_report(tmp_path, corpus, vectors, None, swept)
    lines = (tmp_path / "report.md").read_text("utf-8").splitlines()
    rows = [line for line in lines if line.startswith(("| network", "| mean", "| bag of words"))]
    assert [row.split(" |")[0] for row in rows] == [
        "| network",
        "| mean of 3 seeds",
        "| bag of words",
    ]
    assert rows[1] == "| mean of 3 seeds | 0.5000 ± 0.2500 | 0.5000 ± 0.0000 |"


def test_a_report_is_the_same_to_the_byte(parts, tmp_path):
    corpus, vectors, evaluation = parts
    for name in ("a", "b"):
        write_report(tmp_path / name, corpus, vectors, None, evaluation)
    for file in ("report.html", "report.md"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_real_texts_get_no_warning_and_parts_may_be_missing(parts, tmp_path):
    corpus, _, _ = parts
    corpus.info["source"]["source"] = "hub"
    report = write_report(tmp_path / "a", corpus)
    assert "synthetic" not in report.html.read_text("utf-8")
    report.save(tmp_path / "b")
    assert Report.load(tmp_path / "b").html.is_file()
    with pytest.raises(InputError, match=r"holds no report\.html"):
        Report.load(tmp_path)


def test_words_to_look_up_can_be_named(parts, tmp_path):
    corpus, vectors, _ = parts
    write_report(tmp_path, corpus, vectors, words=["fine", "fein"], top=1)
    markdown = (tmp_path / "report.md").read_text("utf-8")
    assert "| fine | good" in markdown
    assert "| fein | no vector |" in markdown


def test_an_evaluation_comes_back(parts, tmp_path):
    evaluation = parts[2]
    evaluation.save(tmp_path)
    assert Evaluation.load(tmp_path) == evaluation
    assert evaluation.info["accuracy"] == pytest.approx(2 / 3)
    with pytest.raises(InputError, match="no complete evaluation"):
        Evaluation.load(tmp_path / "absent")


def test_figures_have_captions_that_say_what_is_seen():
    assert figures.losses([3.0, 2.5]).caption == "Loss by epoch: from 3.000 to 2.500"
