"""Each thing that can be wrong with what a user gives: one paragraph that says what, where and
what to do; exit code 2, or 1 once a stage has begun; and what was finished stays finished."""

import gzip
import os
import subprocess
import sys

import pytest


def check(shell, *options, code, says, kept=0):
    found, _, err = shell("run", "job.toml", *options)
    message = err[err.index("textdl: ") :]
    for part in says:
        assert part in message
    assert found == code
    assert message.count("\n") == 1
    results = list((shell.folder / "home/results").glob("*.json"))
    assert len(results) == kept


def test_a_missing_pipeline(shell):
    check(shell, code=2, says=["job.toml: no such pipeline file"])


def test_a_missing_dataset(shell):
    shell.pipeline("./data/reviews.csv")
    check(shell, code=2, says=["reviews.dataset", "data/reviews.csv"])


def test_an_unknown_stage(shell):
    shell.pipeline("data", '[reviwes]\ndataset = "{dataset}"\n')
    check(shell, code=2, says=["job.toml, line 1", "'reviwes'", "did you mean 'reviews'"])


def test_a_cycle(shell):
    shell.pipeline(
        "data",
        '[a]\nuses = "tokens"\ninputs = {{documents = "b"}}\n'
        '[b]\nuses = "tokens"\ninputs = {{documents = "a"}}\n',
    )
    check(shell, code=2, says=["wait for each other"])


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("skipgram.dimm=3", ["skipgram.dimm", "did you mean 'dim'"]),
        ("skipgram.dim=many", ["skipgram.dim", "integer", "'many'"]),
        ("skipgram.dim=0", ["skipgram.dim", "greater than or equal to 1"]),
        ("textcnn.embedding=frozen", ["textcnn.embedding", "'static'", "'frozen'"]),
    ],
)
def test_an_unknown_or_mistyped_setting(shell, setting, says):
    shell.pipeline("data")
    check(shell, "--set", setting, code=2, says=["--set", *says])


def test_a_stage_wired_to_the_wrong_result(shell):
    shell.table("data")
    shell.pipeline("data")
    text = (
        (shell.folder / "job.toml")
        .read_text()
        .replace('corpus = "tokens"', 'corpus = "reviews"', 1)
    )
    (shell.folder / "job.toml").write_text(text)
    says = [
        "line 10, skipgram.inputs",
        "corpus is a Corpus",
        "'reviews' makes a Documents",
        "tokens",
    ]
    check(shell, code=2, says=says)


def test_an_infinite_setting(shell):
    shell.pipeline("data")
    check(shell, "--set", "skipgram.lr=inf", code=2, says=["--set skipgram.lr", "finite"])


def test_an_empty_corpus(shell):
    (shell.folder / "empty.txt").touch()
    shell.pipeline("empty.txt")
    check(shell, code=2, says=["reviews.dataset", "empty.txt is empty"])


def test_a_corpus_without_words(shell):
    (shell.folder / "spaces.tsv").write_text("text\tlabel\n \t1\n \t0\n")
    shell.pipeline("spaces.tsv")
    check(shell, code=1, says=["stage 'tokens' failed", "no tokens"], kept=1)


def test_no_word_reaches_min_count(shell):
    shell.table("data")
    shell.pipeline("data")
    check(
        shell, "--set", "tokens.min_count=50", code=1, kept=1,
        says=["stage 'tokens' failed", "no word occurs 50 times", "lower min_count"],
    )  # fmt: skip


def test_one_label_only(shell):
    (shell.folder / "one.tsv").write_text("text\tlabel\n" + "fine\t1\n" * 30)
    shell.pipeline("one.tsv")
    check(shell, code=1, says=["stage 'textcnn' failed", "label"], kept=3)


def test_labels_that_do_not_match(shell):
    shell.table("data")
    (shell.folder / "data/test.tsv").write_text("text\tlabel\nfine\tgood\n")
    shell.pipeline("data")
    check(shell, code=1, says=["stage 'reviews' failed", "test", "good"])


def test_broken_utf8(shell):
    (shell.folder / "broken.txt").write_bytes(b"fine\nna\xefve\n")
    shell.pipeline("broken.txt")
    check(shell, code=1, says=["broken.txt", "UTF-8"])


def test_truncated_parquet(shell):
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = shell.folder / "train.parquet"
    pq.write_table(pa.table({"text": ["fine"] * 100, "label": [1] * 100}), path)
    path.write_bytes(path.read_bytes()[:-20])
    shell.pipeline("train.parquet")
    check(shell, code=1, says=["train.parquet", "Parquet"])


def test_truncated_gzip(shell):
    path = shell.folder / "reviews.txt.gz"
    path.write_bytes(gzip.compress(b"fine film\n" * 1000)[:-12])
    shell.pipeline("reviews.txt.gz")
    check(shell, code=2, says=["reviews.txt.gz", "gzip"])


def test_an_unwritable_home(shell):
    (shell.folder / "file").touch()
    shell.table("data")
    shell.pipeline("data")
    check(shell, "--home", "file/home", code=2, says=["file/home", "can't be written to", "--home"])


def test_a_hub_that_cannot_be_reached(shell, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("huggingface_hub.hf_api.ENDPOINT", "http://127.0.0.1:9", raising=False)
    shell.pipeline("someone/reviews")
    check(shell, code=1, says=["someone/reviews", "Hub"])


def test_a_full_disk(shell):
    """Imitated by a limit on the size of files; what was written before stays, and more room is
    all that is needed to go on."""
    shell.table("data", train=3000)
    shell.pipeline("data")
    script = (
        "import resource, signal, sys; from textdl.cli import run_command\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (70_000, 70_000))\n"
        "sys.exit(run_command(['run', 'job.toml', '--until', 'tokens']))"
    )
    process = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=os.environ
    )
    assert process.returncode == 1
    assert "Traceback" not in process.stderr
    assert "File too large" in process.stderr
    assert "Finished stages are kept" in process.stderr
    assert not list((shell.folder / "home/objects").glob(".*"))
    code, _, _ = shell("run", "job.toml", "--until", "tokens")
    assert code == 0


def test_a_folder_in_the_place_of_a_link(shell):
    shell.table("data")
    shell.pipeline("data")
    (shell.folder / "runs/job/reviews").mkdir(parents=True)
    code, _, err = shell("run", "job.toml", "--until", "reviews")
    assert code == 1
    assert "runs/job/reviews" in err
