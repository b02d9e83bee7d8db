import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from textdl.errors import InputError
from textdl.text.sources import dataset_files, read_documents

FEATURES = {"label": {"names": ["neg", "pos"], "_type": "ClassLabel"}, "text": {"_type": "Value"}}


def parquet(path, texts, labels=None, features=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {"text": texts} | ({} if labels is None else {"label": labels})
    table = pa.table(columns)
    if features:
        metadata = {"huggingface": json.dumps({"info": {"features": features}})}
        table = table.replace_schema_metadata(metadata)
    pq.write_table(table, path)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    "layout",
    [
        "{}-00000-of-00001.parquet",
        "data/{}-00000-of-00001.parquet",
        "plain_text/{}-00000-of-00001.parquet",
        "{}/0000.parquet",
        "imdb_{}.parquet",
        "{}.parquet",
    ],
)
def test_parquet_in_the_layouts_of_the_hub(tmp_path, layout):
    root = tmp_path / "imdb"
    parquet(root / layout.format("test"), ["d", "c"], [1, 0])
    parquet(root / layout.format("train"), ["a", "b"], [0, 1])
    parquet(root / layout.format("unsupervised"), ["e"], [-1])
    write(root / "README.md", "# imdb")
    documents = read_documents(root, tmp_path / "out")
    assert list(documents.texts) == ["a", "b", "d", "c", "e"]
    assert documents.labels.tolist() == [0, 1, 1, 0, -1]
    assert documents.label_names == ["negative", "positive"]
    assert list(documents.splits) == ["train", "test", "unsupervised"]
    assert len(dataset_files(root)) == 3


def test_class_labels_and_shards_of_parquet(tmp_path):
    root = tmp_path / "imdb"
    for i in range(11):
        path = root / "data" / f"train-{i:05}-of-00011.parquet"
        parquet(path, [f"text {i}"], [i % 2], FEATURES)
    parquet(root / "data" / "toxic-00000-of-00001.parquet", ["x"], [0], FEATURES)
    documents = read_documents(root, tmp_path / "out")
    assert documents.label_names == ["neg", "pos"]
    assert list(documents.texts) == [f"text {i}" for i in range(11)] + ["x"]
    assert list(documents.splits) == ["train", "toxic"]


def test_arrow_types_of_texts_and_labels(tmp_path):
    path = tmp_path / "a.parquet"
    texts = pa.array(["a", None, "b"], pa.large_string())
    labels = pa.array(["bad", "bad", None]).dictionary_encode()
    pq.write_table(pa.table({"sentence": texts, "sentiment": labels}), path)
    documents = read_documents(path, tmp_path / "out")
    assert list(documents.texts) == ["a", "", "b"]
    assert documents.labels.tolist() == [0, 0, -1]


def test_class_labels_must_agree(tmp_path):
    parquet(tmp_path / "d" / "train.parquet", ["a"], [0], FEATURES)
    other = FEATURES | {"label": {"names": ["bad", "good"], "_type": "ClassLabel"}}
    parquet(tmp_path / "d" / "test.parquet", ["a"], [0], other)
    with pytest.raises(InputError, match="must be the same everywhere"):
        read_documents(tmp_path / "d", tmp_path / "out")


@pytest.mark.parametrize("keep", [0.5, 0.99])
def test_truncated_parquet_is_named(tmp_path, keep):
    path = tmp_path / "a.parquet"
    parquet(path, [f"text {i}" for i in range(1000)], [0] * 1000)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    with pytest.raises(InputError, match=r"a.parquet is no complete Parquet file"):
        read_documents(path, tmp_path / "out")


def test_parquet_damaged_in_the_middle_is_named(tmp_path):
    path = tmp_path / "a.parquet"
    parquet(path, [f"text {i}" for i in range(5000)], [0] * 5000)
    data = bytearray(path.read_bytes())
    data[4:3000] = bytes(2996)
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"a.parquet is no complete Parquet file"):
        read_documents(path, tmp_path / "out")


def test_tables_named_after_their_splits(tmp_path):
    root = tmp_path / "d"
    write(root / "train.tsv", "text\tlabel\na\tneg\nb\tpos\n")
    write(root / "dev.tsv", "text\tlabel\nc\tpos\n")
    write(root / "test.jsonl", '{"text": "d"}\n')
    write(root / "sample_submission.csv", "id,label\n1,0\n")
    documents = read_documents(root, tmp_path / "out")
    assert documents.splits == {
        "train": range(2),
        "validation": range(2, 3),
        "test": range(3, 4),
    }
    assert documents.labels.tolist() == [0, 1, 1, -1]
    assert documents.label_names == ["neg", "pos"]
    assert documents.info == {"source": "tables", "text_column": "text", "label_column": "label"}


def test_files_without_splits_are_all_train(tmp_path):
    write(tmp_path / "d" / "part-2.csv", "text,label\nb,1\n")
    write(tmp_path / "d" / "part-10.csv", "label,text\n0,c\n")
    documents = read_documents(tmp_path / "d", tmp_path / "out")
    assert list(documents.texts) == ["b", "c"]
    assert documents.splits == {"train": range(2)}


def test_a_column_tells_the_split(tmp_path):
    path = tmp_path / "a.csv"
    write(path, "text,label,split\na,0,train\nb,1,dev\nc,1,train\nd,,unsup\n")
    documents = read_documents(path, tmp_path / "out")
    assert list(documents.texts) == ["a", "c", "b", "d"]
    assert list(documents.splits) == ["train", "validation", "unsupervised"]
    chosen = read_documents(path, tmp_path / "out", splits=["val"])
    assert list(chosen.texts) == ["b"]
    with pytest.raises(InputError, match="no split 'test'"):
        read_documents(path, tmp_path / "out", splits=["test"])


def test_plain_texts_named_after_their_splits(tmp_path):
    write(tmp_path / "d" / "train.txt", "a\nb\n")
    write(tmp_path / "d" / "test.txt", "c\n")
    documents = read_documents(tmp_path / "d", tmp_path / "out")
    assert list(documents.texts) == ["a", "b", "c"]


def test_configurations_are_chosen(tmp_path):
    parquet(tmp_path / "d" / "en" / "train-00000-of-00001.parquet", ["a"], [0])
    parquet(tmp_path / "d" / "de" / "train-00000-of-00001.parquet", ["b"], [0])
    with pytest.raises(InputError, match="Set config to one of 'de', 'en'"):
        read_documents(tmp_path / "d", tmp_path / "out")
    assert list(read_documents(tmp_path / "d", tmp_path / "out", config="en").texts) == ["a"]
    assert len(dataset_files(tmp_path / "d", "de")) == 1


def test_empty_texts_are_kept_with_a_label_and_skipped_without(tmp_path):
    path = tmp_path / "a.tsv"
    write(path, "text\tlabel\n\t1\n \t\nb\t0\n")
    documents = read_documents(path, tmp_path / "out")
    assert list(documents.texts) == ["", "b"]
    assert documents.info["skipped_empty"] == 1


@pytest.mark.parametrize(
    ("files", "settings", "message"),
    [
        ({}, {}, "holds no dataset: it is empty"),
        ({"a.png": "x", "notes.md": "y"}, {}, "holds no dataset: it has 'a.png', 'notes.md'"),
        ({"train.csv": ""}, {}, "train.csv is empty"),
        ({"train.csv": "text,label\n"}, {}, "holds no documents"),
        (
            {"train.csv": "text\na\n", "test.csv": "text\n"},
            {},
            "split 'test' of .* holds no documents. Leave it out",
        ),
        ({"train.csv": "text\na\n"}, {"splits": ["tran"]}, r"'tran' \(did you mean 'train'\?\)"),
        ({"train.csv": "text\na\n"}, {"splits": []}, "splits is empty"),
        ({"train.csv": "text\na\n"}, {"text_column": "txt"}, r"no column 'txt' \(did you mean"),
        ({"train.csv": "text\na\n"}, {"label_column": "y"}, "no column 'y'"),
        ({"train.csv": "premise,hypothesis\naa,bb\n"}, {}, "several columns may hold the text"),
        (
            {"train.csv": "text\na\n", "test.csv": "review\nb\n"},
            {"text_column": "text"},
            "test.csv: there is no column 'text'",
        ),
        ({"train.jsonl": '{"text": 1}'}, {"text_column": "text"}, "'text' holds int and no texts"),
        (
            {"train.jsonl": '{"text": "a"}\n{"text": 1}'},
            {},
            "train.jsonl, line 2: column 'text' holds 1, which is no text",
        ),
        (
            {"train.jsonl": '{"text": "a", "label": {"b": 1}}'},
            {},
            "train.jsonl, line 1: a label can't be a dict",
        ),
        ({"train.jsonl": '{"text": "\\ud800"}'}, {}, "line 1: the text has half of a surrogate"),
        (
            {"train.csv": "text,label\na,0\n", "test.csv": "text,label\nb,5\n"},
            {},
            "split 'test' has labels that split 'train' lacks: '5'",
        ),
        (
            {"train/1.csv": "text,label\na,0\n", "train/2.csv": "text\nb\n"},
            {},
            "2.csv has no column 'label', unlike .*1.csv of the same split",
        ),
    ],
)
def test_what_cannot_be_read_is_explained(tmp_path, files, settings, message):
    (tmp_path / "d").mkdir()
    for name, text in files.items():
        write(tmp_path / "d" / name, text)
    with pytest.raises(InputError, match=message):
        read_documents(tmp_path / "d", tmp_path / "out", **settings)
    assert not list((tmp_path / "out").iterdir())
