import json
from pathlib import Path

import pytest

from textdl import api


@pytest.fixture
def done(shell):
    shell.table("data")
    shell.pipeline("data")
    code, _, err = shell("run", "job.toml")
    assert code == 0
    assert "report: runs/job/report.html" in err
    assert "warning" not in err
    return shell


def test_a_run_leaves_a_page_and_an_earlier_one_can_have_one(done):
    page = (done.folder / "runs/job/report.html").read_text("utf-8")
    assert "<h2>Leaderboard</h2>" in page
    assert "<h2>Map: skipgram</h2>" in page
    code, out, _ = done("report", "job", "-o", "pages/it.html", "--tables", "tables")
    assert code == 0
    assert out.splitlines()[0] == "pages/it.html"
    assert "<h2>Leaderboard</h2>" in (done.folder / "pages/it.html").read_text("utf-8")
    for ending in ("csv", "md", "tex"):
        assert f"tables/leaderboard-the-best-first.{ending}" in out.splitlines()
    table = (done.folder / "tables/leaderboard-the-best-first.csv").read_text("utf-8")
    assert table.startswith("model,network,accuracy,")


def test_a_run_that_finds_all_of_it_cached_leaves_the_page_of_the_one_that_computed_it(done):
    page = done.folder / "runs/job/report.html"
    page.write_text(first := page.read_text("utf-8") + "<!-- kept -->", "utf-8")
    assert done("run", "job.toml")[0] == 0
    assert page.read_text("utf-8") == first
    assert done("run", "job.toml", "--set", "textcnn.dropout=0.1")[0] == 0
    assert "<!-- kept -->" not in page.read_text("utf-8")
    page.write_text(first, "utf-8")
    assert done("run", "job.toml")[0] == 0  # all cached, but not what the last run had
    assert "<!-- kept -->" not in page.read_text("utf-8")
    page.unlink()
    assert done("run", "job.toml")[0] == 0
    assert page.is_file()


def test_runs_can_be_compared(done):
    assert done("run", "job.toml", "--set", "textcnn.dropout=0.1")[0] == 0
    _, out, _ = done("runs", "--json")
    names = [record["run"] for record in json.loads(out)]
    code, out, _ = done("report", *names, "-o", "both.html", "--tables", "tables")
    assert code == 0
    page = (done.folder / "both.html").read_text("utf-8")
    assert all(name in page for name in names)
    table = (done.folder / "tables/settings-that-differ-by-stage.csv").read_text("utf-8")
    assert table.splitlines()[1:] == ["textcnn,dropout,0.1,0.5"]


def test_the_page_is_a_file(done):
    code, out, err = done("report", "job", "-o", "runs")
    assert (code, out) == (2, "")
    assert "runs is a folder: name the page, such as runs/report.html" in " ".join(err.split())
    names = {path.name for path in done.folder.iterdir()}
    assert done("report", "job", "-o", "/dev/null")[0] == 0
    assert {path.name for path in done.folder.iterdir()} == names
    assert Path("/dev/null").is_char_device()


def test_a_run_by_two_names_is_one(done):
    (run,) = {r["run"] for r in json.loads(done("runs", "--json")[1])[:1]}
    assert done("report", run, run[: run.rindex("-")].partition("-")[0], "-o", "one.html")[0] == 0
    assert "What is compared" not in (done.folder / "one.html").read_text("utf-8")


def test_a_damaged_result_is_left_out_of_page_and_tables(done):
    model = (done.folder / "runs/job/textcnn").resolve() / "model.safetensors"
    whole, mode = model.read_bytes(), model.stat().st_mode
    model.chmod(0o600)
    try:
        model.write_bytes(b"")
        code, out, err = done("report", "job", "-o", "damaged.html", "--tables", "damaged")
        assert code == 0
        assert err.count("the report lacks 'Leaderboard'") == 1
        assert "damaged/what-ran-settings.csv" in out.splitlines()
    finally:
        model.write_bytes(whole)
        model.chmod(mode)


def test_an_unknown_run_is_told_of(done):
    code, _, err = done("report", "jbo")
    assert code == 2
    assert "no run 'jbo': did you mean 'job'?" in err


def test_a_defect_in_the_report_is_a_warning(done, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("it broke")

    monkeypatch.setattr("textdl.report.run.write_run_report", fail)
    code, _, err = done("run", "job.toml", "--force", "report")
    assert code == 0
    assert "warning: no report of the run: RuntimeError: it broke" in err


def test_a_run_that_failed_has_a_page_of_what_it_did(done):
    code, _, _ = done("run", "job.toml", "--set", "evaluation.split=absent")
    assert code == 1
    page = (done.folder / "runs/job/report.html").read_text("utf-8")
    assert "<dd>failed</dd>" in page
    assert api.report(["job"], done.folder / "x.html", home=done.folder / "home")
