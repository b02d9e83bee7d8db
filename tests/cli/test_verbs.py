import io
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from textdl.cli.app import MODULES, textdl


@pytest.fixture
def done(shell):
    shell.table("data")
    shell.pipeline("data")
    code, _, _ = shell("run", "job.toml")
    assert code == 0
    return shell


def test_run_says_where_the_results_are(done):
    code, out, err = done("run", "job.toml")
    assert code == 0
    assert out.split()[-1] == "runs/job/report"
    assert err.count(": cached") == 6
    assert (done.folder / "runs/job/report/report.html").is_file()


def test_run_takes_settings_places_and_a_last_stage(shell):
    shell.table("data")
    shell.pipeline("nowhere")
    run = ("run", "job.toml", "--set", "reviews.dataset=data", "--home", "h", "--runs", "r")
    code, out, _ = shell(*run, "--set", "skipgram.dim=4", "--until", "skipgram")
    assert code == 0
    assert out.split() == ["r/job/reviews", "r/job/tokens", "r/job/skipgram"]
    assert (shell.folder / "h/results").is_dir()
    record = json.loads((shell.folder / "r/job/run.json").read_text())
    assert record["stages"]["skipgram"]["info"]["settings"]["dim"] == 4
    code, _, err = shell(*run, "--until", "tokens", "--force", "tokens")
    assert code == 0
    assert "tokens: runs (forced)" in err


def test_plan(done):
    code, out, _ = done("plan", "job.toml", "--set", "textcnn.dropout=0.4")
    assert code == 0
    *lines, total = [line.partition("  (about ")[0].split(maxsplit=1) for line in out.splitlines()]
    assert total[0] == "about"
    assert lines == [
        ["reviews", "cached"],
        ["tokens", "cached"],
        ["skipgram", "cached"],
        ["textcnn", "will run  dropout 0.5 → 0.4"],
        ["evaluation", "may run   waits for textcnn"],
        ["report", "may run   waits for textcnn and evaluation"],
    ]
    code, out, _ = done("plan", "job.toml", "--json")
    assert {step["state"] for step in json.loads(out)} == {"cached"}


def test_neighbors(done):
    code, out, _ = done("neighbors", "runs/job/skipgram", "good", "bad", "--top", "2")
    assert code == 0
    lines = out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == ["good", "bad"]
    assert len(lines) == 6
    code, out, _ = done("neighbors", "runs/job/skipgram", "good", "--json")
    table = json.loads(out)
    assert set(table) == {"good"}
    assert len(table["good"]) == 10
    assert set(table["good"][0]) == {"word", "score"}
    code, _, err = done("neighbors", "runs/job/skipgram", "goood")
    assert code == 2
    assert "no vector for 'goood': did you mean 'good'" in err


def test_predict(done, monkeypatch):
    code, out, _ = done("predict", "runs/job/textcnn", "this is good", "")
    assert code == 0
    assert [line.split()[0] in ("negative", "positive") for line in out.splitlines()] == [
        True,
        True,
    ]
    stdin = io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbfthis is good\nthis is b\xc3\xa4d\r\n"))
    monkeypatch.setattr(sys, "stdin", stdin)
    code, out, _ = done("predict", "runs/job/textcnn", "--json")
    answers = [json.loads(line) for line in out.splitlines()]
    assert [answer["text"] for answer in answers] == ["this is good", "this is bäd"]
    for answer in answers:
        assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\n")))
    code, _, err = done("predict", "runs/job/textcnn")
    assert code == 2
    assert "standard input: not UTF-8" in err


def test_version_and_usage(shell):
    code, out, _ = shell("--version")
    assert (code, out.split()[0]) == (0, "textdl")
    code, out, _ = shell("--help")
    assert code == 0
    listed = out.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in listed] == list(MODULES)
    assert "  run          Run a pipeline; what is cached is not computed again." in listed
    assert shell()[0] == 2
    for wrong, hint in (
        (["rnu"], "'run'"),
        (["cache", "gcc"], "'gc'"),
        (["run", "--job"], "'--jobs'"),
    ):
        code, _, err = shell(*wrong)
        assert code == 2
        assert wrong[-1] in err
        assert f"Did you mean {hint}?" in err
    code, _, err = shell("run")
    assert code == 2
    assert "Missing argument 'PIPELINE'" in err


@pytest.mark.parametrize("verb", MODULES)
def test_every_verb_has_help(shell, verb):
    code, out, _ = shell(verb, "--help")
    assert code == 0
    assert out.startswith(f"Usage: textdl {verb} ")
    for inner in getattr(textdl.commands[verb], "commands", ()):
        code, out, _ = shell(verb, inner, "--help")
        assert code == 0
        assert out.startswith(f"Usage: textdl {verb} {inner} ")


def test_help_on_a_terminal_without_unicode():
    process = subprocess.run(
        [sys.executable, "-m", "textdl", "run", "--help"],
        capture_output=True, check=True, env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert b"--remote ADDRESS" in process.stdout


def test_an_interrupted_run_says_how_to_go_on(shell):
    shell.table("data", train=4000)
    shell.pipeline("data")
    process = subprocess.Popen(
        [sys.executable, "-m", "textdl", "run", "job.toml", "--set", "skipgram.epochs=100000"],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    log = shell.folder / "runs/job/run.log"
    while process.poll() is None and not (log.exists() and "skipgram: epoch 2" in log.read_text()):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "textdl: stopped. " in err
    assert "the same command goes on from there" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["run"], ["--version"]])
def test_nothing_heavy_is_imported_before_it_is_needed(arguments):
    statements = (
        f"import sys, textdl.cli; textdl.cli.run_command({arguments})",
        "print(*sys.modules, file=sys.stderr)",
    )
    process = subprocess.run(
        [sys.executable, "-c", "; ".join(statements)], capture_output=True, text=True, check=True
    )
    imported = set(process.stderr.split())
    assert "textdl.cli.app" in imported
    assert not imported & {"torch", "numba", "gensim", "datasets", "sklearn", "pandas", "scipy"}
    assert not imported & {"matplotlib", "numpy", "pydantic", "rich", "textdl.pipeline"}
    verbs = {f"textdl.cli.{module}" for module in MODULES.values()} & imported
    assert len(verbs) == {"--help": len(MODULES), "run": 1, "--version": 0}[arguments[0]]
