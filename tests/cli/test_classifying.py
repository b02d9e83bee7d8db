"""What the command line does with a classifier."""

import dataclasses
import json

import numpy as np
import pytest
from classifiers.toy_corpora import make_corpus, review_corpus, reviews

from textdl.classifiers import fit_nbsvm, train_textcnn

WRONG = 3


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    fit_nbsvm(review_corpus(), longest=1).save(folder)
    return folder


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    folder = tmp_path_factory.mktemp("several")
    texts = [f"w{i % 5} {['sad', 'long', 'sad long', ''][i % 4]}" for i in range(80)]
    corpus = make_corpus(["sad", "long"], train=[(text, 0) for text in texts])
    rows = np.array([[name in text for name in corpus.label_names] for text in texts], np.int32)
    train_textcnn(
        dataclasses.replace(corpus, labels=rows),
        embedding="random", dim=8, maps=8, epochs=20, lr=0.02, batch_size=8, loss="binary",
    ).save(folder)  # fmt: skip
    return folder


def write(path, rows, heading="text\tlabel"):
    lines = [heading, *("\t".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n")


def named(n, seed):
    return [(text, ["neg", "pos"][label]) for text, label in reviews(n, seed)]


@pytest.fixture
def dataset(shell):
    """A folder of two splits; three texts of the test split have the wrong label."""
    (shell.folder / "data").mkdir()
    write(shell.folder / "data/train.tsv", named(50, 3))
    rows = named(100, 4)
    wrong = [(text, {"pos": "neg", "neg": "pos"}[label]) for text, label in rows[:WRONG]]
    write(shell.folder / "data/test.tsv", [*wrong, *rows[WRONG:]])
    return "data"


def test_test(shell, model, dataset):
    code, out, _ = shell("test", model, dataset, "--json")
    assert code == 0
    found = json.loads(out)
    assert (found["split"], found["documents"]) == ("test", 100)
    assert found["accuracy"] == pytest.approx(0.97)
    assert 0.5 <= found["majority"] < 0.7
    assert np.trace(found["confusion"]) == 97
    assert sum(row["documents"] for row in found["per_class"].values()) == 100
    assert found["macro_f1"] == pytest.approx(0.97, abs=0.01)

    code, out, _ = shell("test", model, dataset)
    lines = [line.split() for line in out.splitlines()]
    assert lines[0] == ["100", "documents", "of", "split", "'test'"]
    assert lines[1][:2] == ["accuracy", "0.9700"]
    assert ["label", "precision", "recall", "F1", "documents"] in lines
    assert ["true", "\\", "predicted", "neg", "pos"] in lines
    assert lines[-1] == ["pos", *map(str, found["confusion"][1])]


def test_errors(shell, model, dataset):
    code, out, _ = shell("errors", model, dataset, "--json")
    assert code == 0
    answers = [json.loads(line) for line in out.splitlines()]
    table = (shell.folder / "data/test.tsv").read_text()
    rows = dict(line.split("\t") for line in table.splitlines())
    assert len(answers) == WRONG
    for answer in answers:
        assert rows[answer["text"]] == answer["label"] != answer["predicted"]
    probabilities = [answer["probability"] for answer in answers]
    assert probabilities == sorted(probabilities, reverse=True)
    assert probabilities[-1] > 0.5

    code, out, _ = shell("errors", model, dataset, "--top", "1")
    lines = out.splitlines()
    assert lines[0] == "3 of 100 documents of split 'test' are wrong"
    first = answers[0]
    assert lines[1:] == [
        f"{first['probability']:.4f}  {first['label']} → {first['predicted']}  {first['text']}"
    ]


def test_long_texts_are_shortened(shell, model):
    write(shell.folder / "long.tsv", [("good " * 100, "neg"), ("bad", "neg")])
    _, out, _ = shell("errors", model, "long.tsv")
    line = out.splitlines()[1]
    assert line.endswith("good good…")
    assert len(line) < 230


@pytest.mark.parametrize("verb", ["test", "errors"])
def test_splits(shell, model, dataset, verb):
    code, out, _ = shell(verb, model, dataset, "--split", "training")
    assert code == 0
    assert "50 documents of split 'train'" in out
    code, _, err = shell(verb, model, dataset, "--split", "dev")
    assert code == 2
    assert "no split 'validation'" in err
    (shell.folder / "data/test.tsv").rename(shell.folder / "data/other.tsv")
    code, out, err = shell(verb, model, "data/other.tsv")
    assert code == 0
    assert "100 documents" in out
    code, _, err = shell(verb, model, "data/train.tsv", "--label-column", "")
    assert code == 2
    assert "--label-column" in err


def test_columns(shell, model):
    write(
        shell.folder / "reviews.tsv",
        [(label, "other", text) for text, label in named(20, 5)],
        heading="verdict\tsource\twords",
    )
    columns = ("--text-column", "words", "--label-column", "verdict")
    code, out, _ = shell("test", model, "reviews.tsv", *columns)
    assert code == 0
    assert "accuracy  1.0000" in out
    code, out, _ = shell("errors", model, "reviews.tsv", *columns)
    assert out == "0 of 20 documents of split 'train' are wrong\n"


@pytest.mark.parametrize("verb", ["test", "errors"])
def test_what_can_not_be_compared(shell, model, dataset, verb):
    write(shell.folder / "others.tsv", [("good", "yes"), ("bad", "no")])
    code, _, err = shell(verb, model, "others.tsv")
    assert code == 2
    assert "others.tsv has the labels no, yes, and the model has neg, pos" in err
    code, _, err = shell(verb, model, "absent.tsv")
    assert code == 2
    assert "absent.tsv" in err
    code, _, err = shell(verb, "absent", dataset)
    assert code == 2
    assert "absent: no such folder" in err


def test_a_dataset_may_lack_labels_of_the_model(shell, model):
    write(shell.folder / "good.tsv", [("good w1", "pos"), ("w2 good", "pos"), ("w3", "")])
    code, out, _ = shell("test", model, "good.tsv", "--json")
    assert code == 0
    found = json.loads(out)
    assert (found["documents"], found["accuracy"], found["majority"]) == (2, 1, 1)
    assert found["per_class"]["neg"]["documents"] == 0


def test_several_labels(shell, several):
    code, out, _ = shell("predict", several, "w1 sad", "long w2 sad", "w3")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("sad 0.")
    assert lines[0].endswith("  w1 sad")
    assert lines[1].startswith("sad 0.")
    assert ", long 0." in lines[1]
    assert lines[2] == "–  w3"
    code, out, _ = shell("predict", several, "long w2 sad", "w3", "--json")
    answers = [json.loads(line) for line in out.splitlines()]
    assert [answer["labels"] for answer in answers] == [["sad", "long"], []]
    assert list(answers[0]["probabilities"]) == ["sad", "long"]

    write(shell.folder / "one.tsv", [("w1 sad", "sad"), ("w2", "sad"), ("sad long", "long")])
    code, out, _ = shell("test", several, "one.tsv", "--json")
    assert code == 0
    found = json.loads(out)
    assert found["accuracy"] == pytest.approx(1 / 3)
    assert found["confusion"] == []
    code, out, _ = shell("errors", several, "one.tsv", "--json")
    answers = {answer["text"]: answer for answer in map(json.loads, out.splitlines())}
    assert answers["w2"]["predicted"] == []
    assert answers["sad long"]["label"] == ["long"]
    assert answers["sad long"]["predicted"] == ["sad", "long"]
    code, out, _ = shell("errors", several, "one.tsv")
    assert "sad → –  w2" in out
    code, out, _ = shell("test", several, "one.tsv")
    assert "predicted" not in out


@pytest.mark.parametrize("form", ["lists", "separated", "columns"])
def test_several_labels_in_the_dataset(shell, several, model, form):
    texts = ["w1 sad", "w2 long sad", "w3", "w4 long"]
    labels = [["sad"], ["long", "sad"], [], ["sad"]]  # The last is wrong.
    options = []
    if form == "lists":
        path = "data.jsonl"
        pairs = zip(texts, labels, strict=True)
        lines = [json.dumps({"text": text, "labels": its}) for text, its in pairs]
        lines.append(json.dumps({"text": "w9", "labels": None}))
        (shell.folder / path).write_text("\n".join(lines))
    elif form == "separated":
        path = "data.tsv"
        joined = ["+".join(its) for its in labels]
        write(shell.folder / path, [*zip(texts, joined, strict=True), ("w9", "-1")])
        options = ["--label-separator", "+"]
    else:
        path = "data.tsv"
        marks = [[str(int(name in its)) for name in ("long", "sad")] for its in labels]
        rows = [(text, *its) for text, its in zip(texts, marks, strict=True)]
        write(shell.folder / path, [*rows, ("w9", "", "")], "text\tlong\tsad")
        options = ["--label-column", "long", "--label-column", "sad"]
    code, out, _ = shell("test", several, path, "--json", *options)
    assert code == 0
    found = json.loads(out)
    assert (found["documents"], found["accuracy"], found["confusion"]) == (4, 0.75, [])
    code, out, _ = shell("errors", several, path, *options)
    assert code == 0
    assert "sad → long  w4 long" in out
    code, out, err = shell("test", model, path, *options)
    assert code == 2
    assert "may have several labels, and the model gives one" in err
