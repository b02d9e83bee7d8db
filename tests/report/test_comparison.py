import copy

import pytest
from report.test_report import Page

from textdl.report.comparison import comparison, comparison_page
from textdl.report.results import Results


def compared(its):
    return comparison(its, warn=pytest.fail)


def page_of(its):
    return comparison_page(its, compared(its))


def runs(toy):
    record, folder_of = toy
    other = copy.deepcopy(record)
    other["run"] = "toy-2"
    other["stages"]["textcnn"]["settings"]["epochs"] = 7
    other["stages"]["evaluation@textcnn"]["info"]["accuracy"] = 0.1234
    del other["stages"]["evaluation@words"]
    return [Results(its, folder_of) for its in (record, other)]


def test_what_differs_is_named(toy):
    sections = {section.title: section for section in compared(runs(toy))}
    assert list(sections) == ["Runs", "Leaderboard", "Settings that differ", "Figures that differ"]
    (settings,) = sections["Settings that differ"].tables
    assert settings.columns == ["stage", "what", "toy-1", "toy-2"]
    assert ["textcnn", "epochs", "2", "7"] in settings.rows
    assert {row[0] for row in settings.rows} == {"textcnn", "evaluation@words"}
    (figures,) = sections["Figures that differ"].tables
    assert [row[3] for row in figures.rows if row[0] == "evaluation@textcnn"] == ["0.1234"]


def test_all_evaluations_are_side_by_side_the_best_first(toy):
    (board,) = compared(runs(toy))[1].tables
    assert len(board.rows) == 3
    assert "0.7000 ± 0.1000" in [row[2] for row in board.rows]
    assert [row[2] for row in board.rows] == sorted((row[2] for row in board.rows), reverse=True)


def test_runs_can_be_sorted_by_their_seconds(toy):
    (table,) = compared(runs(toy))[0].tables
    took = table.columns.index("Took")
    assert [row[took] for row in table.rows] == ["75.0 s", "75.0 s"]
    assert [table.columns[i] for i, right in enumerate(table.right) if right] == ["Took", "Cores"]


def test_runs_on_synthetic_texts_are_named(toy):
    one, other = runs(toy)
    said = "real reviews. This holds for"
    assert f"{said} toy-1 and toy-2.</p>" in page_of([one, other])
    for entry in other.stages.values():
        entry["info"] = {k: v for k, v in entry["info"].items() if k != "source"}
    assert f"{said} toy-1.</p>" in page_of([one, other])
    assert "synthetic" not in page_of([other])


def test_the_page_needs_no_other_file(toy):
    page = Page(page_of(runs(toy)))
    assert page.tables == 4
    assert all(address.startswith(("data:", "#")) for address in page.addresses)


def test_the_same_run_twice_does_not_differ(toy):
    one = runs(toy)[0]
    assert len(compared([one, one])) == 2


def test_an_evaluation_that_is_damaged_is_told_of_and_left_out(toy):
    its, told = runs(toy), []
    folder = toy[1](its[0].stages["evaluation@words"]["digest"])
    (folder / "evaluation.json").write_text("{")
    board = comparison(its, warn=told.append)[1].tables[0]
    assert [row[1] for row in board.rows] == ["textcnn", "textcnn"]
    (text,) = told
    assert text.startswith("the report lacks evaluation@words of toy-1: InputError: ")
