"""The benchmark programs run, in small."""

import json
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
