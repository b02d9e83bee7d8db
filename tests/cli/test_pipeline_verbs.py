"""Every verb about pipelines, as a person types it."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

STAGES = """
import os, time
from pathlib import Path
from textdl.pipeline import StageRun, stage

class Score:
    def __init__(self, accuracy): self.accuracy, self.info = accuracy, {"accuracy": accuracy}
    def save(self, folder): (folder / "score").write_text(str(self.accuracy))
    @classmethod
    def load(cls, folder): return cls(float((folder / "score").read_text()))

@stage
def words(*, file: Path, lower: bool = False) -> list[str]:
    text = file.read_text()
    return (text.lower() if lower else text).split()

@stage
def count(words: list, *, least: int = 1, run: StageRun) -> dict:
    run.update(1, 4, "words")
    run.note("counts")
    counts = {word: words.count(word) for word in words}
    return {word: n for word, n in counts.items() if n >= least}

@stage
def score(counts: dict, *, fail: bool = False) -> Score:
    if fail:
        raise RuntimeError("no score")
    return Score(len(counts) / 10)

@stage
def slow(*, run: StageRun) -> int:
    while True:
        run.update(3, 12, "things")
        time.sleep(0.05)
"""

PIPELINE = """
[words]
uses = "my.py:words"
file = "text.txt"

[count]
uses = "my.py:count"
inputs = { words = "words" }

[score]
uses = "my.py:score"
inputs = { counts = "count" }
"""


@pytest.fixture
def shell(shell, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delenv("TEXTDL_REMOTE", raising=False)
    for name, text in (("my.py", STAGES), ("job.toml", PIPELINE), ("text.txt", "a b B a")):
        (shell.folder / name).write_text(text)
    yield shell
    for name, module in list(sys.modules.items()):
        if str(shell.folder) in (getattr(module, "__file__", None) or ""):
            del sys.modules[name]


@pytest.fixture
def done(shell):
    assert shell("run", "job.toml")[0] == 0
    return shell


def answer(shell, *arguments):
    """The output of a command that succeeds."""
    code, out, err = shell(*arguments)
    assert code == 0, err
    return out


def asked(shell, *arguments):
    return json.loads(answer(shell, *arguments, "--json"))


def refused(shell, *arguments, code=2):
    """The message of a command that fails."""
    found, _, err = shell(*arguments)
    assert found == code, err
    return err


def test_run_through_a_process(shell):
    def textdl(*arguments):
        command = [sys.executable, "-m", "textdl", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    ran = textdl("run", "job.toml")
    assert ran.returncode == 0
    assert ran.stdout.splitlines() == ["runs/job/words", "runs/job/count", "runs/job/score"]
    assert ran.stderr.splitlines()[:2] == [
        "words: runs (not computed yet)", ran.stderr.splitlines()[1],
    ]  # fmt: skip
    assert "count: done in 0." in ran.stderr
    ran = textdl("run", "job.toml", "--set", "count.least=x")
    assert ran.returncode == 2
    assert ran.stderr == "textdl: --set count.least: input should be a valid integer, not 'x'\n"
    ran = textdl("run", "job.toml", "--set", "score.fail=true")
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1] == (
        "textdl: stage 'score' failed: unexpected RuntimeError: no score. The traceback is in "
        "runs/job/score.traceback.txt. Finished stages are kept"
    )
    assert "Traceback" not in ran.stderr


def test_run_with_every_option(shell):
    options = ["--home", "h", "--runs", "r", "--remote", "there", "--jobs", "2", "--keep-going"]
    answer(shell, "run", "job.toml", "--until", "count", *options)
    assert (shell.folder / "r/job/count").exists()
    assert not (shell.folder / "r/job/score").exists()
    assert len(list((shell.folder / "there/results").iterdir())) == 2
    _, _, err = shell("run", "job.toml", "--force", "count", *options)
    assert "count: runs (forced)" in err
    _, _, err = shell("run", "job.toml", "--home", "h2", "--remote", "there")
    assert "words: taken from there" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["jbo.toml"], "jbo.toml: no such pipeline file: in . there are job.toml"),
        (["job.toml", "--until", "cuont"], "--until: no stage 'cuont': did you mean 'count'?"),
        (["job.toml", "--force", "x"], "--force: no stage 'x': there are words, count, score"),
        (["job.toml", "--set", "count.least"], "--set count.least: write it as"),
        (["job.toml", "--set", "words.file=no.txt"], "words.file: no.txt: no such file or folder"),
        (["job.toml", "--jobs", "0"], "--jobs"),
        (["job.toml", "--jobs", "many"], "--jobs"),
        (["job.toml", "--locked"], "job.lock: no such lock file: write it with textdl lock"),
        (["job.toml", "--remote", "nosuch://x"], "nosuch://x: "),
        (["job.toml", "--home", "text.txt"], "text.txt: can't be written to"),
        (["job.toml", "--runs", "text.txt"], "text.txt"),
        (["."], ".: can't be read"),
        ([], "PIPELINE"),
    ],
)
def test_run_refuses(shell, arguments, message):
    assert message in refused(shell, "run", *arguments)


def test_run_sums_up_what_failed(shell):
    (shell.folder / "job.toml").write_text(PIPELINE + "matrix = { fail = [true, false] }\n")
    err = refused(shell, "run", "job.toml", "--keep-going", code=1)
    assert "score@fail=false: done in " in err
    assert err.splitlines()[-2] == "1 of 4 stages failed: score@fail=true"
    assert err.splitlines()[-1].startswith("textdl: stage 'score@fail=true' failed: ")


def test_plan(done):
    assert answer(done, "plan", "job.toml").split() == [
        "words", "cached", "count", "cached", "score", "cached",
    ]  # fmt: skip
    out = answer(done, "plan", "job.toml", "--set", "count.least=2", "--until", "count")
    assert out.splitlines()[0] == "words  cached"
    assert out.splitlines()[1].startswith("count  will run  least 1 → 2  (about 0.")
    assert out.splitlines()[2].startswith("about 0.")
    out = answer(done, "plan", "job.toml", "--force", "words", "--home", "new")
    assert out.splitlines()[0] == "words  will run  forced"
    assert answer(done, "plan", "job.toml", "--runs", "elsewhere").count("cached") == 3


def test_plan_as_json(done):
    words, count, _ = asked(done, "plan", "job.toml", "--set", "count.least=2")
    assert (words["stage"], words["state"], words["estimate"]) == ("words", "cached", None)
    assert (count["state"], count["reason"]) == ("run", "least 1 → 2")
    assert count["estimate"] > 0
    assert len(count["key"]) == 64
    assert count["content"]["settings"] == {"least": 2}


def test_plan_knows_of_the_remote_place(done, monkeypatch):
    answer(done, "cache", "push", "--remote", "there")
    out = answer(done, "plan", "job.toml", "--home", "new", "--remote", "there")
    assert out.splitlines()[0].split() == ["words", "fetched"]
    monkeypatch.setenv("TEXTDL_REMOTE", "there")
    assert {step["state"] for step in asked(done, "plan", "job.toml", "--home", "new")} == {
        "remote"
    }


def test_plan_resolved_can_be_run(done):
    resolved = answer(done, "plan", "job.toml", "--resolved", "--set", "count.least=2")
    (done.folder / "resolved.toml").write_text(resolved)
    assert "least = 2" in resolved
    assert "lower = false" in resolved
    assert "count" in answer(done, "plan", "resolved.toml")
    answer(done, "run", "job.toml", "--set", "count.least=2")
    assert answer(done, "plan", "resolved.toml").count("cached") == 3
    assert asked(done, "plan", "job.toml", "--resolved")["count"]["least"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["jbo.toml"], "jbo.toml: no such pipeline file"),
        (["job.toml", "--until", "x"], "--until: no stage 'x'"),
        (["job.toml", "--set", "x.y=1"], "--set x.y: no stage 'x'"),
        (["job.toml", "--resolved", "--set", "count.leest=1"], "did you mean 'least'"),
        ([], "PIPELINE"),
    ],
)
def test_plan_refuses(shell, arguments, message):
    assert message in refused(shell, "plan", *arguments)


def test_why(done):
    out = answer(done, "why", "count").splitlines()
    assert out[0].startswith("count (my.py:count) of ")
    assert out[0].endswith("/job.toml")
    assert out[1].startswith("  is cached: computed 20")
    assert "    least: 1" in out
    assert any(line.startswith("    words: ") for line in out)
    assert any(line.startswith("  source: ") for line in out)
    out = answer(done, "why", "count", "job.toml", "--set", "count.least=2")
    assert "  will run: least 1 → 2" in out
    out = answer(done, "why", "score", "job.toml", "--set", "count.least=2")
    assert "  may run: waits for count" in out
    (step,) = asked(done, "why", "count")
    assert (step["stage"], step["state"], step["result"]["stage"]) == ("count", "cached", "count")


def test_why_takes_the_settings_of_the_latest_run(done):
    answer(done, "run", "job.toml", "--set", "count.least=2")
    (step,) = asked(done, "why", "count")
    assert (step["state"], step["content"]["settings"]) == ("cached", {"least": 2})


def test_why_of_all_cells_or_one(shell):
    (shell.folder / "job.toml").write_text(
        PIPELINE.replace('"words" }', '"words" }\nmatrix = { least = [1, 2] }')
    )
    answer(shell, "run", "job.toml")
    assert [step["stage"] for step in asked(shell, "why", "count")] == [
        "count@least=1", "count@least=2",
    ]  # fmt: skip
    assert [step["stage"] for step in asked(shell, "why", "score@least=2")] == ["score@least=2"]


def test_why_refuses(shell):
    assert "nothing was run yet: name the pipeline file" in refused(shell, "why", "count")
    answer(shell, "run", "job.toml")
    message = "textdl why: no stage 'cuont': did you mean 'count'?"
    assert message in refused(shell, "why", "cuont")
    assert "no such pipeline file" in refused(shell, "why", "count", "jbo.toml")
    assert "STAGE" in refused(shell, "why")
    (shell.folder / "job.toml").unlink()
    assert "job.toml: no such pipeline file" in refused(shell, "why", "count")


def test_status(shell):
    assert answer(shell, "status") == "nothing is running\n"
    assert asked(shell, "status") == []
    (shell.folder / "slow.toml").write_text('[slow]\nuses = "my.py:slow"\n')
    process = subprocess.Popen(
        [sys.executable, "-m", "textdl", "run", "slow.toml"], stderr=subprocess.PIPE, text=True
    )
    try:
        until = time.monotonic() + 60
        while not (found := asked(shell, "status")) or not found[0]["progress"]:
            assert time.monotonic() < until
            time.sleep(0.1)
        (stage,) = found
        assert (stage["stage"], stage["pid"]) == ("slow", process.pid)
        assert stage["progress"]["done"] == 3
        assert abs(stage["since"] - time.time()) < 60
        out = answer(shell, "status")
        assert out.startswith("slow: for ")
        assert out.endswith(f", 25% of 12 things, process {process.pid} on {os.uname().nodename}\n")
        message = refused(shell, "cache", "gc", "--max-size", "0")
        assert f"is running (process {process.pid} on " in message
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 143
    assert answer(shell, "status") == "nothing is running\n"
    assert answer(shell, "runs").split()[3] == "stopped"


def test_runs(done):
    answer(done, "run", "job.toml", "--set", "count.least=2")
    latest, first = answer(done, "runs").splitlines()
    assert latest.split()[0].startswith("job-20")
    assert latest.split()[3] == "finished"
    assert "  3 stages, 2 computed, " in latest
    assert "  3 stages, 3 computed, " in first
    assert answer(done, "runs", "--top", "1").splitlines() == [latest]
    assert answer(done, "runs", "job").splitlines() == [latest, first]
    assert answer(done, "runs", "other") == "no runs\n"
    records = asked(done, "runs")
    assert [record["run"] for record in records] == [latest.split()[0], first.split()[0]]
    assert records[0]["overrides"] == {"count.least": 2}
    assert answer(done, "runs", "--home", "new") == "no runs\n"
    assert "--top" in refused(done, "runs", "--top", "0")


def test_diff(done):
    answer(done, "run", "job.toml", "--set", "words.lower=true")
    latest, first = (record["run"] for record in asked(done, "runs"))
    out = answer(done, "diff", first, "job").splitlines()
    assert "words  settings.lower: False → True" in out
    assert "score  info.accuracy: 0.3 → 0.2" in out
    assert any(line.startswith("words  digest: ") for line in out)
    assert answer(done, "diff", latest, "job") == "no differences\n"
    found = asked(done, "diff", first, latest)
    assert {"stage": "words", "what": "settings.lower", "one": False, "other": True} in found
    assert asked(done, "diff", latest, latest) == []


def test_diff_refuses(done):
    assert "no run 'jbo': did you mean 'job'?" in refused(done, "diff", "job", "jbo")
    message = refused(done, "diff", "job", "job", "--home", "new")
    assert message == "textdl: no run 'job': there are none\n"
    assert "RUN" in refused(done, "diff", "job")


def test_lock_and_locked(done):
    assert answer(done, "lock", "job.toml") == "job.lock\n"
    answer(done, "run", "job.toml", "--locked")
    err = refused(done, "run", "job.toml", "--locked", "--set", "words.lower=true", code=1)
    assert "the result of words is " in err
    assert "if it is right, write the lock file anew with textdl lock" in err
    answer(done, "lock", "job.toml", "--set", "words.lower=false")
    message = refused(done, "lock", "job.toml", "--set", "count.least=9")
    assert "count is not computed (least 1 → 9): run it first" in message
    assert "no such pipeline file" in refused(done, "lock", "jbo.toml")
    (done.folder / "job.lock").write_text("words = 3\n")
    assert "job.lock: not a lock file" in refused(done, "run", "job.toml", "--locked")


def test_cache_ls(done):
    *lines, total = answer(done, "cache", "ls").splitlines()
    assert {line.split()[1] for line in lines} == {"words", "count", "score"}
    assert re.fullmatch(r"3 results, \d+ B", total)
    found = asked(done, "cache", "ls")
    assert {kept["stage"] for kept in found} == {"words", "count", "score"}
    assert {"key", "digest", "bytes", "used_at", "pinned", "computed_at"} <= found[0].keys()
    assert answer(done, "cache", "ls", "--home", "new") == "0 results, 0 B\n"
    assert asked(done, "cache", "ls", "--home", "new") == []


def test_cache_verify(done):
    assert answer(done, "cache", "verify") == "3 results, 0 damaged\n"
    file = (done.folder / "runs/job/count/value.json").resolve()
    file.chmod(0o644)
    file.write_text("{}")
    code, out, _ = done("cache", "verify")
    assert code == 1
    assert out.splitlines()[0].split()[1] == "count"
    assert out.splitlines()[0].endswith(": value.json has changed")
    assert out.splitlines()[1] == "3 results, 1 damaged"
    code, out, _ = done("cache", "verify", "--json")
    assert code == 1
    assert {kept["stage"]: kept["wrong"] for kept in json.loads(out)} == {
        "words": None, "count": "value.json has changed", "score": None,
    }  # fmt: skip
    assert "output damaged: value.json has changed" in answer(done, "plan", "job.toml")


def test_cache_gc(done):
    answer(done, "run", "job.toml", "--set", "count.least=2")
    out = answer(done, "cache", "gc", "--keep-runs", "1", "--dry-run")
    assert out.splitlines()[-1].startswith("2 results would be removed, ")
    found = asked(done, "cache", "gc", "--keep-runs", "1", "--dry-run")
    assert sorted(kept["stage"] for kept in found) == ["count", "score"]
    out = answer(done, "cache", "gc", "--keep-runs", "1", "--max-size", "0")
    assert out.splitlines()[-1].startswith("2 results removed, ")
    assert len(asked(done, "cache", "ls")) == 3
    assert len(asked(done, "cache", "gc", "--max-size", "0GB")) == 3
    assert asked(done, "cache", "ls") == []


def test_cache_gc_refuses(done):
    assert "say what may stay, with --max-size 20GB or --keep-runs 5" in refused(
        done, "cache", "gc"
    )
    assert "'many' is no size: write 20GB" in refused(done, "cache", "gc", "--max-size", "many")
    assert "--keep-runs" in refused(done, "cache", "gc", "--keep-runs", "-1")
    assert len(asked(done, "cache", "ls")) == 3


def test_cache_pin_and_unpin(done):
    key = next(kept["key"] for kept in asked(done, "cache", "ls") if kept["stage"] == "count")
    assert answer(done, "cache", "pin", key[:8]) == f"{key[:12]}  count\n"
    assert answer(done, "cache", "ls").count("  pinned") == 1
    assert answer(done, "cache", "pin", "job/score").split()[1] == "score"
    answer(done, "cache", "gc", "--max-size", "0")
    assert {kept["stage"] for kept in asked(done, "cache", "ls")} == {"count", "score"}
    assert len(answer(done, "cache", "unpin", "job").splitlines()) == 2
    answer(done, "cache", "gc", "--max-size", "0")
    assert asked(done, "cache", "ls") == []


@pytest.mark.parametrize("verb", ["pin", "unpin"])
def test_cache_pin_refuses(done, verb):
    assert "'nothing' is no result: give the first letters" in refused(
        done, "cache", verb, "nothing"
    )
    assert "RESULT" in refused(done, "cache", verb)
    answer(done, "cache", "pin", "job")
    message = refused(done, "cache", verb, "job", "--home", "new")
    assert "'job' is no result" in message


def test_cache_export_and_import(done):
    assert len(answer(done, "cache", "export", "all.zip").splitlines()) == 3
    assert answer(done, "cache", "export", "one.zip", "job/count").split()[1] == "count"
    assert answer(done, "cache", "import", "one.zip", "--home", "new").split()[1] == "count"
    assert len(answer(done, "cache", "import", "all.zip", "--home", "new").splitlines()) == 2
    assert answer(done, "plan", "job.toml", "--home", "new").count("cached") == 3
    assert answer(done, "cache", "import", "all.zip", "--home", "new") == ""


def test_cache_export_and_import_refuse(done):
    assert "none.zip: no archive of results" in refused(done, "cache", "import", "none.zip")
    assert "text.txt: no archive of results" in refused(done, "cache", "import", "text.txt")
    assert "'x' is no result" in refused(done, "cache", "export", "a.zip", "x")
    message = refused(done, "cache", "export", "text.txt/a.zip")
    assert message.startswith("textdl: text.txt/a.zip: can't be written (")
    assert not (done.folder / "a.zip").exists()


def test_a_damaged_archive_is_not_taken(done):
    answer(done, "cache", "export", "all.zip")
    data = bytearray((done.folder / "all.zip").read_bytes())
    at = data.index(b'["a", "b"') if b'["a", "b"' in data else data.index(b'"a",')
    data[at + 1] ^= 1
    (done.folder / "all.zip").write_bytes(data)
    err = refused(done, "cache", "import", "all.zip", "--home", "new")
    assert "all.zip: " in err
    stages = {kept["stage"] for kept in asked(done, "cache", "ls", "--home", "new")}
    assert "words" not in stages


def test_cache_push_and_pull(done):
    assert len(answer(done, "cache", "push", "job/count", "--remote", "there").splitlines()) == 1
    assert len(answer(done, "cache", "push", "--remote", "there").splitlines()) == 3
    out = answer(done, "cache", "pull", "--remote", "there", "--home", "new")
    assert {line.split()[1] for line in out.splitlines()} == {"words", "count", "score"}
    assert answer(done, "plan", "job.toml", "--home", "new").count("cached") == 3


def test_cache_push_and_pull_refuse(done):
    for verb in ("push", "pull"):
        message = "say where, with --remote or the environment variable TEXTDL_REMOTE"
        assert message in refused(done, "cache", verb)
        assert "nosuch://x: " in refused(done, "cache", verb, "--remote", "nosuch://x")
    assert "'x' is no result" in refused(done, "cache", "push", "x", "--remote", "there")
    assert "RESULT" not in answer(done, "cache", "pull", "--remote", "nowhere")


def test_the_verbs_introduce_themselves(shell):
    verbs = ["run", "plan", "why", "status", "runs", "diff", "lock"]
    listed = answer(shell, "--help")
    for verb in verbs:
        assert f"\n  {verb} " in listed
        assert "--home" in answer(shell, verb, "--help")
    listed = answer(shell, "cache", "--help")
    for verb in ("ls", "verify", "gc", "pin", "unpin", "export", "import", "push", "pull"):
        assert f"\n  {verb} " in listed
        assert "--home" in answer(shell, "cache", verb, "--help")
    assert "No such command 'gcc'" in refused(shell, "cache", "gcc")
