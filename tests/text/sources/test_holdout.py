import json

import numpy as np
import pytest

from textdl.errors import InputError
from textdl.text.sources import read_documents


@pytest.fixture
def table(tmp_path):
    """90 negative, 10 positive and 20 unlabelled documents."""
    labels = ["0"] * 90 + ["1"] * 10 + [""] * 20
    lines = [f"text {i},{label}" for i, label in enumerate(labels)]
    path = tmp_path / "table.csv"
    path.write_text("text,label\n" + "\n".join(lines) + "\n")
    return path


def sizes(documents):
    return {name: len(rows) for name, rows in documents.splits.items()}


def texts(documents, split):
    return [documents.texts[i] for i in documents.splits[split]]


def test_the_same_share_of_every_label_is_held_out(table, tmp_path):
    documents = read_documents(table, tmp_path / "a", test=0.2)
    assert sizes(documents) == {"train": 100, "test": 20}
    rows = documents.splits["test"]
    assert np.bincount(documents.labels[rows.start : rows.stop]).tolist() == [18, 2]
    both = texts(documents, "train") + texts(documents, "test")
    assert sorted(both) == sorted(f"text {i}" for i in range(120))
    numbers = [int(text.split()[1]) for text in texts(documents, "train")]
    assert numbers == sorted(numbers)
    assert documents.labels[documents.splits["train"].start] == 0


def test_labels_stay_with_their_texts(table, tmp_path):
    documents = read_documents(table, tmp_path / "a", test=0.5)
    for i in range(len(documents)):
        number = int(documents.texts[i].split()[1])
        assert documents.labels[i] == (0 if number < 90 else 1 if number < 100 else -1)


def test_the_seed_decides(table, tmp_path):
    first, again, other = (
        read_documents(table, tmp_path / name, test=0.2, seed=seed)
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert texts(first, "test") == texts(again, "test") != texts(other, "test")


def test_a_sample_is_drawn_of_what_was_parted(table, tmp_path):
    documents = read_documents(table, tmp_path / "a", test=0.2, sample=10)
    assert sizes(documents) == {"train": 10, "test": 10}
    whole = read_documents(table, tmp_path / "b", test=0.2)
    assert set(texts(documents, "test")) < set(texts(whole, "test"))
    assert sorted(path.name for path in (tmp_path / "a").glob(".*")) == []


def test_several_labels(tmp_path):
    path = tmp_path / "table.jsonl"
    lines = [json.dumps({"text": f"a {i}", "label": ["x"]}) for i in range(10)]
    path.write_text("\n".join([*lines, '{"text": "b", "label": null}']))
    documents = read_documents(path, tmp_path / "a", test=0.3)
    assert len(documents.splits["test"]) == 3
    assert "b" in texts(documents, "train")


def test_what_cannot_be_held_out(table, tmp_path):
    with pytest.raises(InputError, match="no documents for a test split: 0%"):
        read_documents(table, tmp_path / "a", test=0.001)
    with pytest.raises(InputError, match="has a split 'test'"):
        read_documents("synthetic", tmp_path / "b", test=0.1)
    with pytest.raises(InputError, match="test: "):
        read_documents(table, tmp_path / "c", test=1.0)
