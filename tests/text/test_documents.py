import json

import numpy as np
import pytest

from textdl.errors import InputError
from textdl.text.documents import FILES, Documents, DocumentsWriter


def write(folder, *, order=("train", "test")):
    with DocumentsWriter(folder) as writer:
        for split in order:
            writer.begin_split(split)
            writer.add(f"a {split} film", 1)
            writer.add("", 0)
            writer.add("größer 很好 🎬")
        return writer.close(["bad", "good"], {"source": "test"})


def test_a_split_may_be_empty(tmp_path):
    with DocumentsWriter(tmp_path) as writer:
        for split in ["train", "validation", "test"]:
            writer.begin_split(split)
            if split != "validation":
                writer.add(split)
        documents = writer.close([], {})
    assert list(documents.texts) == ["train", "test"]
    assert documents.splits["validation"] == range(1, 1)


def content(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_reads_back_what_was_written(tmp_path):
    documents = write(tmp_path)
    assert list(documents.texts) == [
        "a train film",
        "",
        "größer 很好 🎬",
        "a test film",
        "",
        "größer 很好 🎬",
    ]
    assert documents.labels.tolist() == [1, 0, -1, 1, 0, -1]
    assert documents.labels.dtype == np.int32
    assert documents.texts.offsets.dtype == np.int64
    assert documents.label_names == ["bad", "good"]
    assert documents.splits == {"train": range(3), "test": range(3, 6)}
    assert documents.info == {"source": "test"}
    assert len(documents) == 6
    assert repr(documents) == "Documents(train 3, test 3; labels bad, good)"


def test_splits_lie_in_their_own_order_whenever_they_are_written(tmp_path):
    with DocumentsWriter(tmp_path) as writer:
        for split in ["extra", "test", "train", "test", "train", "extra"]:
            writer.begin_split(split)
            writer.add(split)
        documents = writer.close([], {})
    assert list(documents.texts) == ["train", "train", "test", "test", "extra", "extra"]
    assert list(documents.splits) == ["train", "test", "extra"]


def test_the_same_documents_make_the_same_bytes(tmp_path):
    write(tmp_path / "a")
    write(tmp_path / "b", order=("test", "train"))
    assert content(tmp_path / "a") == content(tmp_path / "b")
    assert sorted(content(tmp_path / "a")) == sorted(FILES)


def test_a_document_may_come_in_pieces(tmp_path):
    with DocumentsWriter(tmp_path) as writer:
        for piece in ["很".encode()[:1], "很".encode()[1:], b" good"]:
            writer.write(piece)
        writer.end(0)
        documents = writer.close(["x"], {})
    assert list(documents.texts) == ["很 good"]
    assert documents.splits == {"train": range(1)}


def test_labels_can_be_renumbered_at_the_end(tmp_path):
    with DocumentsWriter(tmp_path) as writer:
        for label in [0, 1, -1, 2]:
            writer.add("x", label)
        documents = writer.close(["a", "b", "c"], {}, np.array([2, 0, 1], np.int32))
    assert documents.labels.tolist() == [2, 0, -1, 1]


def test_a_document_may_have_several_labels(tmp_path):
    with DocumentsWriter(tmp_path) as writer:
        for label in [1, -1, 0]:
            writer.add("x", label)
        documents = writer.close(["a", "b"], {}, np.array([[1, 1], [0, 1]], np.int32))
    assert documents.labels.tolist() == [[0, 1], [-1, -1], [1, 1]]
    assert documents.labels.dtype == np.int32
    documents.save(tmp_path / "copy")
    assert Documents.load(tmp_path / "copy").labels.tolist() == documents.labels.tolist()
    for damaged in (np.full((3, 2), 2), np.zeros((3, 3)), np.full((3, 2), -2)):
        np.save(tmp_path / "labels.npy", damaged.astype(np.int32))
        with pytest.raises(InputError, match="no complete set of documents"):
            Documents.load(tmp_path)


@pytest.mark.parametrize("texts", [[], ["", ""]])
def test_there_may_be_no_texts(tmp_path, texts):
    with DocumentsWriter(tmp_path) as writer:
        for text in texts:
            writer.add(text)
        documents = writer.close([], {})
    assert list(documents.texts) == texts


def test_save_copies(tmp_path):
    documents = write(tmp_path / "a")
    documents.save(tmp_path / "b")
    assert content(tmp_path / "a") == content(tmp_path / "b")
    documents.save(tmp_path / "c" / ".." / "a")
    assert list(Documents.load(tmp_path / "a").texts) == list(documents.texts)


def test_writing_over_documents_leaves_those_who_read_them_alone(tmp_path):
    old = write(tmp_path)
    before = list(old.texts)
    with DocumentsWriter(tmp_path) as writer:
        writer.add("new")
        new = writer.close([], {})
    assert list(old.texts) == before
    assert list(new.texts) == ["new"]


def fail_after_one(folder):
    with DocumentsWriter(folder) as writer:
        writer.add("x")
        raise RuntimeError


def test_a_writer_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError):
        fail_after_one(tmp_path)
    assert not list(tmp_path.iterdir())


def change_json(folder, **values):
    path = folder / "documents.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "documents.json").unlink(),
        lambda folder: (folder / "documents.json").write_text("[1]"),
        lambda folder: (folder / "documents.json").write_text("{"),
        lambda folder: (folder / "documents.json").write_bytes(b"\xff\xfe"),
        lambda folder: (folder / "texts.bin").write_bytes(b"short"),
        lambda folder: (folder / "texts.bin").unlink(),
        lambda folder: (folder / "offsets.npy").write_bytes(b""),
        lambda folder: (folder / "offsets.npy").write_bytes(b"\x93NUMPY\x01\x00"),
        lambda folder: np.save(folder / "offsets.npy", np.zeros((7, 1), np.int64)),
        lambda folder: np.save(folder / "offsets.npy", np.int64(3)),
        lambda folder: np.save(folder / "offsets.npy", np.array([], np.int64)),
        lambda folder: np.save(folder / "labels.npy", np.zeros(5, np.int32)),
        lambda folder: np.save(folder / "labels.npy", np.full(6, 2, np.int32)),
        lambda folder: np.save(folder / "labels.npy", np.array(["x"] * 6, object)),
        lambda folder: change_json(folder, splits={"train": [0, 7]}),
        lambda folder: change_json(folder, splits={"train": [0, "x"]}),
        lambda folder: change_json(folder, splits=[1]),
        lambda folder: change_json(folder, info=3),
    ],
)
def test_a_damaged_folder_is_named(tmp_path, damage):
    write(tmp_path)
    damage(tmp_path)
    with pytest.raises(InputError, match="no complete set of documents") as caught:
        Documents.load(tmp_path)
    assert str(tmp_path) in str(caught.value)
