"""The verbs that ask vectors, through the real command line."""

import io
import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from textdl import Vectors, load_vectors, save_vectors

WORDS = ["man", "woman", "king", "queen", "boy", "girl", "film", "movie", "films", "tree"]
MATRIX = [
    [1, -1, 0, 0.1], [1, 1, 0, 0.1], [1, -1, 2, 0], [1, 1, 2, 0], [1, -1, -1, 0.2],
    [1, 1, -1, 0.2], [0, 0.1, 0, 2], [0, 0.2, 0, 2.1], [0.1, 0, 0, 2], [-1, 0, 0.3, 0.5],
]  # fmt: skip


@pytest.fixture
def ask(shell, monkeypatch):
    save_vectors(Vectors(WORDS, MATRIX, info={"model": "by hand"}), shell.folder / "v.txt")

    def call(*arguments, stdin=None):
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        return shell(*arguments)

    call.folder = shell.folder
    return call


def test_neighbors_of_lines(ask):
    code, out, _ = ask("neighbors", "v.txt", "--top", "1", stdin="\ufefffilm king\n\nwoman\n")
    assert code == 0
    assert [line for line in out.splitlines() if line[0] != " "] == ["film", "king", "woman"]
    code, out, _ = ask("neighbors", "v.txt", "film", "--among", "6", "--json")
    assert {item["word"] for item in json.loads(out)["film"]} == set(WORDS[:6])


def test_synonyms(ask):
    code, out, _ = ask("synonyms", "v.txt", "film", "--top", "1")
    assert (code, out.split()[:2]) == (0, ["film", "movie"])
    _, out, _ = ask("synonyms", "v.txt", "film", "--json")
    assert json.loads(out)["answers"][0]["word"] == "movie"


@pytest.mark.parametrize("method", ["add", "mul"])
def test_analogy(ask, method):
    code, out, _ = ask("analogy", "v.txt", "man", "king", "woman", "--method", method, "--top", "1")
    assert code == 0
    assert out.split()[-2] == "queen"
    _, out, _ = ask("analogy", "v.txt", "--json", stdin="man king woman\nman boy woman\n")
    answers = [json.loads(line) for line in out.splitlines()]
    assert [answer["answers"][0]["word"] for answer in answers] == ["queen", "girl"]
    code, _, err = ask("analogy", "v.txt", "man", "king")
    assert code == 2
    assert "needs three words" in err


def test_odd_one_out_and_similarity(ask):
    assert ask("odd-one-out", "v.txt", "king", "queen", "tree")[1] == "tree\n"
    _, out, _ = ask("odd-one-out", "v.txt", "--json", stdin="film movie tree\n")
    assert json.loads(out)["odd"] == "tree"
    _, out, _ = ask("similarity", "v.txt", "film", "movie")
    assert out.split()[0] == "0.9990"
    _, out, _ = ask("similarity", "v.txt", "--json", stdin="film movie\nking tree\n")
    assert len(out.splitlines()) == 2
    assert ask("similarity", "v.txt", "film")[0] == 2


def test_evaluate(ask):
    (ask.folder / "pairs.tsv").write_text("film\tmovie\t9\nking\ttree\t1\nman\tcow\t3\n")
    (ask.folder / "questions.txt").write_text(
        ": family\nman king woman queen\nman boy woman girl\n"
    )
    code, out, _ = ask("evaluate", "v.txt", "pairs.tsv", "questions.txt", "--json")
    assert code == 0
    pairs, questions = map(json.loads, out.splitlines())
    assert (round(pairs["rho"], 6), pairs["used"], pairs["total"]) == (1, 2, 3)
    assert questions["add"]["family"] == {"correct": 2, "used": 2, "total": 2}
    code, out, _ = ask("evaluate", "v.txt", "questions.txt")
    assert "100.0%" in out
    assert ask("evaluate", "v.txt", "nowhere.txt")[0] == 2


def test_info(ask):
    _, out, _ = ask("info", "v.txt", "--json")
    facts = json.loads(out)
    assert (facts["words"], facts["dim"], facts["format"]) == (10, 4, "word2vec text")
    assert "word2vec text" in ask("info", "v.txt")[1]


@pytest.mark.parametrize(
    "name", ["v.bin", "v.w2v", "v.glove.gz", "folder", "v.npz", "v.safetensors"]
)
def test_convert(ask, name):
    code, out, _ = ask("convert", "v.txt", name)
    assert (code, out.strip()) == (0, name)
    np.testing.assert_array_equal(load_vectors(name).matrix, load_vectors("v.txt").matrix)
    assert ask("convert", name, "back.txt", "--format", "word2vec")[0] == 0
    assert Path("back.txt").read_bytes() == Path("v.txt").read_bytes()


def test_convert_chooses(ask):
    ask("convert", "v.txt", "small", "--limit", "3", "--dtype", "int8", "--normalize")
    loaded = load_vectors("small")
    assert (len(loaded), loaded.stored.dtype) == (3, np.int8)
    code, _, err = ask("convert", "v.txt", "v.floret")
    assert code == 2
    assert "trained in the mode floret" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("neighbors", "absent", "film"), "no such file or folder, and no pretrained"),
        (("neighbors", "glove.6B.100", "film"), "glove.6B.100d"),
        (("neighbors", "v.txt", "fim"), "did you mean 'film'"),
        (("info", "."), "a folder that holds no"),
        (("pretrained", "get", "glove"), "glove"),
        (("neighbors", "v.txt", "film", "--top", "0"), "--top"),
        (("analogy", "v.txt", "a", "b", "c", "--method", "best"), "--method"),
    ],
)
def test_bad_input(ask, arguments, message):
    code, _, err = ask(*arguments)
    assert code == 2
    assert message in err


def test_pretrained(ask):
    code, out, _ = ask("pretrained", "list", "glove")
    assert code == 0
    assert "glove.6B.100d" in out
    _, out, _ = ask("pretrained", "list", "glove.6B", "--json")
    names = [json.loads(line)["name"] for line in out.splitlines()]
    assert names == [f"glove.6B.{dim}d" for dim in (50, 100, 200, 300)]


def test_explore_reads_lines(ask):
    lines = "king - man + woman\nman : king = woman : ?\nsynonyms film\nodd king queen tree\n"
    lines += "similarity film movie\npath man woman\nfim\nhelp\ninfo\nking -\nquit\nnever"
    code, out, _ = ask("explore", "v.txt", "--top", "1", stdin=lines)
    assert code == 0
    assert out.splitlines()[:2] == ["queen   0.9165"] * 2
    for part in ("movie", "tree", "0.9990", "did you mean 'film'", "king - man + woman", "10 words",
                 "a word is missing"):  # fmt: skip
        assert part in out
    assert "never" not in out


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_explore_completes_words(ask, monkeypatch):
    monkeypatch.setenv("HOME", str(ask.folder))
    monkeypatch.setenv("TERM", "dumb")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "textdl", "explore", "v.txt", "--top", "1"]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True)
    os.close(theirs)
    seen = b""

    def until(text):
        nonlocal seen
        end = time.monotonic() + 30
        while text not in seen and time.monotonic() < end:
            seen += os.read(ours, 4096)
        assert text in seen
        seen = b""

    until(b"> ")
    os.write(ours, b"quee\t\n")
    until(b"king")
    os.write(ours, b"quit\n")
    assert process.wait(30) == 0
    os.close(ours)
    assert "queen" in (ask.folder / ".textdl_history").read_text()
