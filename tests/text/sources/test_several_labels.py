"""Documents with several labels, from every kind of table."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from textdl.errors import InputError
from textdl.text.sources import read_documents
from textdl.text.sources.hub import HubTable
from textdl.text.sources.labelcolumns import LabelColumns, label_columns

TEXTS = ["so funny", "a bore", "well", "funny, then sad"]
LISTS = [["comedy"], None, [], ["drama", "comedy"]]
ROWS = [[1, 0], [-1, -1], [0, 0], [1, 1]]
NAMES = ["comedy", "drama"]


def check(path, tmp_path, names=NAMES, **settings):
    found = read_documents(path, tmp_path / "out", **settings)
    assert list(found.texts) == TEXTS
    assert found.labels.tolist() == ROWS
    assert found.labels.dtype == np.int32
    assert found.label_names == names
    return found


def test_lists_in_jsonl(tmp_path):
    path = tmp_path / "a.jsonl"
    pairs = zip(TEXTS, LISTS, strict=True)
    path.write_text("\n".join(json.dumps({"text": t, "labels": its}) for t, its in pairs))
    found = check(path, tmp_path)
    assert found.info["label_column"] == "labels"
    assert repr(found) == "Documents(train 4; labels comedy, drama)"


def test_lists_in_parquet(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": TEXTS, "genres": LISTS}), path)
    check(path, tmp_path, label_column="genres")
    assert read_documents(path, tmp_path / "none").labels.tolist() == [-1] * 4


def dataset():
    import datasets

    names = datasets.ClassLabel(names=NAMES)
    features = {"text": datasets.Value("string"), "labels": datasets.Sequence(names)}
    numbers = [[0], None, [], [1, 0]]
    return datasets.Dataset.from_dict(
        {"text": TEXTS, "labels": numbers}, features=datasets.Features(features)
    )


def test_sequences_of_class_labels_keep_their_names(tmp_path):
    dataset().to_parquet(tmp_path / "a.parquet")
    check(tmp_path / "a.parquet", tmp_path)
    table = HubTable(dataset(), "here")
    assert table.class_names == {"labels": NAMES}
    assert [labels for _, (labels,) in table.rows(["labels"])] == [[0], None, [], [1, 0]]


def test_a_separator_makes_lists_of_strings(tmp_path):
    path = tmp_path / "a.tsv"
    cells = ["comedy", "-1", "", "drama | comedy|"]
    lines = [f"{text}\t{cell}" for text, cell in zip(TEXTS, cells, strict=True)]
    path.write_text("\n".join(["text\tlabel", *lines]))
    found = check(path, tmp_path, label_separator="|")
    assert found.info["label_separator"] == "|"


@pytest.mark.parametrize(("no", "yes", "unknown"), [("0", "1", ""), ("False", "True", "-1")])
def test_columns_that_are_a_label_each(tmp_path, no, yes, unknown):
    path = tmp_path / "a.csv"
    rows = [(no, yes), (no, unknown), (no, no), (yes, yes)]
    lines = [f'"{text}",{",".join(row)}' for text, row in zip(TEXTS, rows, strict=True)]
    path.write_text("\n".join(["text,drama,comedy", *lines]))
    found = check(path, tmp_path, label_column=["comedy", "drama"])
    assert found.info["label_column"] == NAMES


def test_splits_and_samples(tmp_path):
    for split, names in (("train", ["a", "b", "c"]), ("test", ["c", "a"])):
        items = [{"text": f"{split} {i}", "label": names[: i % 4]} for i in range(40)]
        (tmp_path / f"{split}.jsonl").write_text("\n".join(map(json.dumps, items)))
    (tmp_path / "unsup.jsonl").write_text('{"text": "no labels"}')
    whole = read_documents(tmp_path, tmp_path / "whole")
    assert whole.labels[:3].tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0]]
    assert whole.labels[41:43].tolist() == [[0, 0, 1], [1, 0, 1]]
    assert whole.labels[80].tolist() == [-1, -1, -1]
    drawn = read_documents(tmp_path, tmp_path / "drawn", sample=15)
    labels = dict(zip(whole.texts, whole.labels.tolist(), strict=True))
    assert drawn.labels.shape == (31, 3)
    assert [labels[text] for text in drawn.texts] == drawn.labels.tolist()


@pytest.mark.parametrize(
    ("table", "settings", "message"),
    [
        (
            "text,a,b\nx,1,0.5\n",
            {"label_column": ["a", "b"]},
            r"a\.csv, line 2: column 'b' holds '0\.5', and a column that tells of one label must",
        ),
        ("text,a\nx,1\n", {"label_column": ["a", "c"]}, "there is no column 'c'"),
        ("text,a\nx,1\n", {"label_column": ["a", "a"]}, "must name each column .* once"),
        (
            "text,a\nx,1\n",
            {"label_column": ["a", "text"], "text_column": "text"},
            "and not that of the text",
        ),
        ("text,a\nx,1\n", {"label_column": []}, "label_column is an empty list"),
        ("text,a\nx,1\n", {"label_separator": "|"}, "no column holds labels: remove it"),
        ("text,label\nx,1\n", {"label_separator": ""}, "label_separator is empty"),
        (
            "text,a\nx,1\n",
            {"label_column": ["a"], "label_separator": "|"},
            "leave one of them out",
        ),
        ("text,a\nx,1\n", {"label_column": 3}, "read_documents: label_column"),
    ],
)
def test_what_can_not_be_read(tmp_path, table, settings, message):
    (tmp_path / "a.csv").write_text(table)
    with pytest.raises(InputError, match=message):
        read_documents(tmp_path / "a.csv", tmp_path / "out", **settings)


def test_a_split_has_all_columns_or_none(tmp_path):
    (tmp_path / "train.csv").write_text("text,a,b\nx,1,0\n")
    (tmp_path / "test.csv").write_text("text\nx\n")
    found = read_documents(tmp_path, tmp_path / "out", label_column=["a", "b"])
    assert found.labels.tolist() == [[1, 0], [-1, -1]]
    (tmp_path / "test.csv").write_text("text,b\nx,1\n")
    with pytest.raises(InputError, match=r"test.csv has no column 'a'\. Add it"):
        read_documents(tmp_path, tmp_path / "out", label_column=["a", "b"])


def test_plain_text_has_no_separator(tmp_path):
    (tmp_path / "a.txt").write_text("one\n")
    with pytest.raises(InputError, match="is plain text and has no columns"):
        read_documents(tmp_path / "a.txt", tmp_path / "out", label_separator="|")


def test_one_column_that_is_a_label():
    columns = label_columns(["text", "a"], "text", ["a"], None)
    assert columns == LabelColumns(("a",), marks=True)
    assert [columns([cell]) for cell in (1, 0.0, True, None, float("nan"))] == [
        ["a"], [], ["a"], None, None,
    ]  # fmt: skip
