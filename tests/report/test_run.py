import copy
import subprocess
import sys

import pytest
from report.test_report import Page

from textdl.report.results import Results
from textdl.report.run import run_sections, write_run_report

TITLES = [
    "What ran", "Leaderboard", "Training", "Confusion", "Reliability", "Mistakes", "Word vectors",
    "Neighbours", "Losses", "Map: skipgram", "Corpus: tokens",
]  # fmt: skip


def test_results_are_known_by_their_files(toy):
    record, folder_of = toy
    results = Results(record, folder_of)
    assert results.of("evaluation") == ["evaluation@textcnn", "evaluation@words"]
    assert results.source("evaluation@textcnn", "model") == "textcnn"
    assert results.sources("vector_evaluation") == ["skipgram"]
    assert results.load("skipgram") is results.load("skipgram")


def test_the_page_has_a_section_for_all_there_is(toy, tmp_path):
    write_run_report(*toy, tmp_path / "report.html", warn=pytest.fail)
    text = (tmp_path / "report.html").read_text("utf-8")
    body = text[: text.index("<script>\n")]
    for title in TITLES:
        assert f"<h2>{title}</h2>" in body
    assert "The texts are synthetic" in body
    assert "1 min 15 s" in body
    assert "7: 5 computed, 2 cached" in body
    assert "dotted: no result" in body
    assert "0.7000 ± 0.1000" in body
    assert "expected calibration error" in body
    assert '<mark class="for"' in body
    assert "--set skipgram.dim" in body
    assert body.count("tfidf (baseline)") == 1


def test_the_page_needs_no_other_file(toy, tmp_path):
    write_run_report(*toy, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text("utf-8")
    assert all(address.startswith(("data:", "#")) for address in Page(text).addresses)
    assert "@import" not in text
    assert len(text) < 5_000_000


def test_without_vectors_there_is_no_script_for_maps(results, toy, tmp_path):
    record, folder_of = toy
    del record["stages"]["skipgram"], record["stages"]["vector_evaluation"]
    write_run_report(record, folder_of, tmp_path / "report.html", warn=pytest.fail)
    assert (tmp_path / "report.html").stat().st_size < 200_000


def test_sections_of_the_same_results_are_kept(toy, tmp_path, monkeypatch):
    record, folder_of = toy
    path = tmp_path / "report.html"
    write_run_report(record, folder_of, path)
    before = path.read_text("utf-8")

    def refuse(self, name):
        raise AssertionError(f"{name} is loaded")

    monkeypatch.setattr(Results, "_load", refuse)
    again = copy.deepcopy(record)
    for entry in again["stages"].values():
        entry["cached"] = True
    again["seconds"] = 2.0
    write_run_report(again, folder_of, path, warn=pytest.fail)
    after = path.read_text("utf-8")
    assert "7: 0 computed, 7 cached" in after
    assert (
        before[before.index('<section id="leaderboard"') :]
        == (after[after.index('<section id="leaderboard"') :])
    )

    told = []
    again["stages"]["textcnn"]["digest"] = again["stages"]["bag_of_words"]["digest"]
    write_run_report(again, folder_of, path, warn=told.append)
    lost = {text.split("'")[1] for text in told}
    assert {"Leaderboard", "Training", "Mistakes"} <= lost
    assert not {"Map: skipgram", "Confusion"} & lost


def test_nothing_heavy_is_imported_for_a_page_that_has_all(toy, tmp_path):
    record, folder_of = toy
    path = tmp_path / "report.html"
    write_run_report(record, folder_of, path)
    program = f"""
import sys
from pathlib import Path
from textdl.report.run import write_run_report
write_run_report({record!r}, lambda digest: Path({str(tmp_path)!r}) / "objects" / digest,
                 Path({str(path)!r}), warn=sys.exit)
print(*sorted({{"matplotlib", "torch", "bokeh", "sklearn", "numba"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_damaged_results_are_told_of_and_the_rest_is_shown(toy, tmp_path):
    record, folder_of = toy
    (folder_of(record["stages"]["textcnn"]["digest"]) / "model.safetensors").write_bytes(b"")
    told = []
    write_run_report(record, folder_of, tmp_path / "report.html", warn=told.append)
    assert told[0].startswith("the report lacks 'Leaderboard': InputError: ")
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "<h2>Corpus: tokens</h2>" in text
    assert "<h2>Mistakes</h2>" not in text


def test_a_stage_whose_result_is_gone_is_shown_as_having_run(toy, tmp_path):
    record, folder_of = toy
    told, page = [], tmp_path / "r.html"
    write_run_report(record, lambda digest: tmp_path / "gone", page, warn=told.append)
    assert told == [f"the store no longer has the results of {', '.join(record['stages'])}"]
    assert "<h2>What ran</h2>" in page.read_text("utf-8")
    assert "<h2>Leaderboard</h2>" not in page.read_text("utf-8")

    write_run_report(record, folder_of, page, warn=pytest.fail)  # it is back
    assert "<h2>Leaderboard</h2>" in page.read_text("utf-8")


def test_sections_whose_titles_differ_in_signs_only_are_all_there(toy, tmp_path):
    record, folder_of = toy
    record["stages"]["skip+gram"] = record["stages"]["skip-gram"] = record["stages"]["skipgram"]
    write_run_report(record, folder_of, tmp_path / "r.html", warn=pytest.fail)
    text = (tmp_path / "r.html").read_text("utf-8")
    for name in ("map-skip-gram", "map-skip-gram-2", "map-skipgram"):
        assert f'<section id="{name}"' in text


def test_a_run_that_failed_says_where(toy, tmp_path):
    record, folder_of = toy
    record["resolved"]["lost"] = {"inputs": {"model": "textcnn", "others": ["never"]}}
    record["resolved"]["never"] = {"inputs": {"corpus": "tokens"}}
    record["failed"] = {"lost": "the reason", "skipgram@wide": "another"}
    write_run_report(record, folder_of, tmp_path / "r.html", warn=pytest.fail)
    text = (tmp_path / "r.html").read_text("utf-8")
    assert '<p class="note">lost failed: the reason</p>' in text
    assert '<g class="failed"><title>lost: failed</title>' in text
    assert '<g class="missing"><title>never: no result</title>' in text
    assert '<g class="failed"><title>skipgram: ' in text


def test_names_from_outside_are_text(toy, tmp_path):
    record, folder_of = toy
    record["pipeline"] = "<script>alert(1)</script>"
    record["stages"] = {"<b>&": record["stages"]["tokens"]}
    record["resolved"] = {"<b>&": {}}
    write_run_report(record, folder_of, tmp_path / "report.html", warn=pytest.fail)
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "<script>alert" not in text
    assert "<b>&" not in text
    assert "&lt;b&gt;&amp;" in text


def test_all_tables_can_be_had(toy):
    sections = run_sections(*toy, warn=pytest.fail)
    assert [section.title for section in sections] == TITLES
    (leaderboard,) = sections[1].tables
    assert [row[0] for row in leaderboard.rows] == ["bag_of_words", "textcnn"]
    confusion = sections[TITLES.index("Confusion")].tables
    assert [table.title for table in confusion] == ["textcnn", "bag_of_words"]
