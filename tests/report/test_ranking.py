import numpy as np
import pytest
from report.test_report import Page

from textdl.errors import InputError
from textdl.report.ranking import mean_ranks, write_ranking
from textdl.vectors import Vectors
from textdl.vectors.evaluation.comparison import Measurement, VectorEvaluation


def scores(**values):
    return {
        name: {f"set {i}": Measurement(value, used, 100) for i, (value, used) in enumerate(pairs)}
        for name, pairs in values.items()
    }


def test_mean_ranks():
    found = scores(
        a=[(0.9, 100), (0.5, 80), (0.9, 1)],
        b=[(0.8, 100), (0.5, 80), (0.1, 1)],
        c=[(0.99, 10), (0.1, 80), (None, 0)],
    )
    assert mean_ranks(found, 0.5) == pytest.approx({"a": 1.25, "b": 1.75, "c": 3})
    assert mean_ranks(found, 0.05)["c"] == pytest.approx(2)
    assert mean_ranks(found, 1)["a"] == 1
    assert mean_ranks(scores(a=[(0.9, 10)]), 0.5) == {}


def test_two_tables_that_cover_too_little_are_both_last():
    found = scores(a=[(0.9, 99)], b=[(0.8, 1)], c=[(None, 0)], d=[(0.5, 99)], e=[(0.7, 99)])
    assert mean_ranks(found, 0.5) == {"a": 1, "e": 2, "d": 3, "b": 5, "c": 5}


def test_what_few_tables_cover_is_not_ranked():
    assert mean_ranks(scores(a=[(0.9, 99)], b=[(0.8, 1)]), 0.5) == {}


@pytest.fixture
def tables():
    info = {"model": "cbow", "losses": [3.0, 2.0], "corpus": {"source": {"source": "synthetic"}}}
    return {
        "low": Vectors(["good", "bad", "<i>"], np.eye(3) + 0.1, info=info),
        "high": Vectors(["good", "fine"], np.eye(2) + 0.1, info={"model": "glove"}),
    }


def test_the_page_ranks_and_needs_nothing_else(tables, tmp_path):
    full = scores(low=[(0.2, 90), (0.1, 3)], high=[(0.7, 90), (None, 0)])
    restricted = {"low": {"set 0": Measurement(0.3, 60, 100)}, "high": {}}
    evaluation = VectorEvaluation(2, full, restricted)
    report = write_ranking(tmp_path, tables, evaluation, words=["good", "fine"], top=1)
    text = report.html.read_text("utf-8")
    page = Page(text)
    assert all(address.startswith(("data:", "#")) for address in page.addresses)
    assert page.figures == 1
    assert page.tables == 4
    assert '<td class="right number faint">0.100</td>' in text
    assert "The texts are synthetic" in text
    assert "&lt;i&gt;" not in text
    markdown = (tmp_path / "report.md").read_text("utf-8")
    assert [line[:11] for line in markdown.splitlines()].count("| vectors |") == 3
    assert markdown.index("| high | 1.00 | glove") < markdown.index("| low | 2.00 | cbow")
    assert "| low | 2.00 | cbow | 3 | 3 | 2.0000 | 0.200 | *0.100* |" in markdown
    assert "| fine | good | no vector |" in markdown
    assert "among the first 2 words" in markdown


def test_vectors_must_have_been_evaluated(tables, tmp_path):
    with pytest.raises(InputError, match="low: not in the evaluation"):
        write_ranking(tmp_path, tables, VectorEvaluation(1, {"high": {}}, {}))
