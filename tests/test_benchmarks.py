"""The benchmark programs run, in small."""

import json
import lzma
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parent / "benchmarks"


@pytest.fixture
def text(tmp_path):
    """30,000 words on one line, some of them from WordSim-353."""
    random = np.random.default_rng(0)
    words = ["tiger", "cat", "book", "paper", "computer", "keyboard", "king", "queen", "man"]
    words += [f"w{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(300)]
    weights = 1 / np.arange(1, len(words) + 1)
    file = tmp_path / "text.txt"
    file.write_text(" ".join(random.choice(words, 30_000, p=weights / weights.sum())))
    return file


def run(program, *arguments):
    command = [sys.executable, BENCHMARKS / program, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_embeddings(text, tmp_path):
    results = tmp_path / "results.json"
    options = ["--corpus", text, "--work", tmp_path / "work", "--results", results]
    quick = ["--rows", "skipgram,cbow", "--repeats", 1, "--seeds", "1", "--epochs", 1]
    printed = run("embeddings.py", *options, *quick)
    measured = json.loads(results.read_text())["measured"]
    assert sorted(measured) == sorted(
        f"{what} {row} {who} 1"
        for what in ("speed", "quality")
        for row in ("skipgram", "cbow")
        for who in ("textdl", "gensim")
    )
    assert all(values["seconds"] > 0 for name, values in measured.items() if "speed" in name)
    for row in ("skipgram", "cbow"):
        assert sum(line.startswith(row) for line in printed.splitlines()) == 4
    before = results.read_bytes()
    again = run("embeddings.py", *options, *quick)
    assert results.read_bytes() == before
    assert again.split("\n\n")[1:] == printed.split("\n\n")[1:]


def test_roofline(text, tmp_path):
    from textdl import build_corpus, read_documents

    build_corpus(read_documents(text, tmp_path / "documents"), tmp_path / "corpus")
    assert "Gflop/s" in run("roofline.py", "--corpus", tmp_path / "corpus", "--workers", 1)


def test_runner(tmp_path):
    printed = run("runner.py", "--work", tmp_path, "--stages", 3, "--repeats", 1, "--megabytes", 2)
    assert printed.startswith("textdl ")
    for row in ("3 stages, all cached", "3 stages, all executed", "read from disk", "again"):
        assert f"\n{row}" in printed


@pytest.mark.slow
def test_vectors(tmp_path):
    small = ["--words", 1500, "--dims", 10, "--buckets", 1000, "--queries", 20, "--repeats", 1]
    printed = run("vectors.py", "--work", tmp_path, *small)
    rows = [
        "GloVe text",
        "word2vec binary",
        "fastText .bin",
        "native",
        "one query",
        "10,000 queries",
    ]
    for row in [*rows, "Google analogies", "peak memory, glove", "peak memory, word2vec-binary"]:
        assert f"\n{row}" in printed


@pytest.fixture
def reviews(tmp_path):
    """A folder with small data sets, each of two labels that its words tell apart."""
    random = np.random.default_rng(0)
    data = tmp_path / "data"

    def write(file, rows):
        (data / file).parent.mkdir(parents=True, exist_ok=True)
        lines = "".join(f"{text}\t{label}\n" for text, label in rows)
        (data / file).write_text(f"text\tlabel\n{lines}", "utf-8")

    def documents(size, words, between):
        half = len(words) // 2
        for label in np.repeat([0, 1], size // 2).tolist():
            own = random.choice(words[label * half :][:half], 8)
            drawn = random.permutation([*own, *random.choice(words, 8)])
            yield between.join(drawn.tolist()), label

    english = [f"w{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(80)]
    write("imdb/train.tsv", documents(160, english, " "))
    write("imdb/test.tsv", documents(80, english, " "))
    write("imdb/unsupervised.tsv", [(text, -1) for text, _ in documents(80, english, " ")])
    (data / "mr").mkdir()
    for label, name in enumerate(("neg", "pos")):
        sentences = [text for text, its in documents(80, english, " ") if its == label]
        (data / "mr" / f"rt-polarity.{name}").write_text("".join(f"{s} \n" for s in sentences))
    (data / "wiki").mkdir()
    text = " ".join(random.choice(english, 5000).tolist())
    (data / "wiki" / "sample.txt.xz").write_bytes(lzma.compress(text.encode()))
    chinese = [chr(0x4E00 + i) for i in range(80)]
    for name in ("waimai_10k", "online_shopping_10_cats"):
        write(f"{name}/train.tsv", documents(120, chinese, ""))
    return data


@pytest.mark.slow
def test_classifiers(reviews, tmp_path):
    results = tmp_path / "results.json"
    options = ["--data", reviews, "--work", tmp_path / "work", "--results", results]
    quick = ["--rows", "NB-SVM,TextCNN,ensemble,SVM", "--seeds", "1", "--threads", 1]
    printed = run(
        "classifiers.py", *options, *quick, "--repeats", 1, "--documents", 128, "--inference", 70
    )
    measured = json.loads(results.read_text())["measured"]
    for row, figures in (
        ("imdb NB-SVM", 1),
        ("imdb TextCNN", 1),
        ("imdb ensemble", 1),
        ("mr TextCNN", 10),
        ("waimai_10k SVM", 1),
        ("online_shopping_10_cats characters TextCNN", 1),
        ("train TextCNN", 2),
        ("train biRNN", 2),
        ("predict TextCNN", 2),
        ("predict biRNN", 2),
    ):
        found = [values for name, values in measured.items() if name.startswith(f"{row} ")]
        assert len(found) == figures, row
        assert all(values.get("accuracy", values.get("per second", 0)) > 0 for values in found)
    assert next(v for name, v in measured.items() if "imdb ensemble" in name)["accuracy"] > 75
    lines = printed.splitlines()
    assert sum(line.startswith(("TextCNN", "NB-SVM", "ensemble", "SVM")) for line in lines) >= 9
    assert sum(line.startswith(("train ", "predict ")) for line in lines) == 4

    before = results.read_bytes()
    again = run("classifiers.py", *options, *quick, "--only", "imdb")
    assert results.read_bytes() == before
    table = [part for part in printed.split("\n\n") if part.startswith("imdb\n")]
    assert table
    assert table[0] in again
