import gzip
import tracemalloc

import pytest

from textdl.errors import InputError
from textdl.text.sources import read_documents
from textdl.text.sources.reading import blocks


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1 << 20])
def test_each_line_is_a_document(tmp_path, monkeypatch, size):
    monkeypatch.setattr(blocks, "__defaults__", (size,))
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeff  one 很\r\n\n \t \r\n\r\n\rtwo\r \n   x\nlast".encode())
    # A byte order mark lies in one block whenever blocks are longer than a file's first bytes.
    documents = read_documents(path, tmp_path / "out")
    texts = [text.removeprefix("\ufeff") for text in documents.texts]
    assert texts == ["  one 很", "\rtwo\r ", "   x", "last"]
    assert documents.splits == {"train": range(4)}
    assert documents.labels.tolist() == [-1] * 4
    assert documents.label_names == []


def test_the_end_of_the_last_line_may_be_a_carriage_return(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\r\ntwo\r")
    assert list(read_documents(path, tmp_path / "out").texts) == ["one", "two"]


def test_a_line_of_any_length_takes_little_memory(tmp_path):
    path = tmp_path / "a.txt.gz"
    size = 20_000_000
    with gzip.open(path, "wb", 1) as file:
        for _ in range(size // 10_000):
            file.write(b"word " * 2000)
    tracemalloc.start()
    documents = read_documents(path, tmp_path / "out")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(documents) == 1
    assert len(documents.texts.data) == size
    assert peak < 12_000_000


def test_broken_utf8_is_located(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\ncaf\xe9\n")
    with pytest.raises(InputError, match=r"a.txt, line 2: byte 7 \(0xe9\) is not UTF-8"):
        read_documents(path, tmp_path / "out")


@pytest.mark.parametrize("text", ["\n", " \r\n\n"])
def test_blank_lines_alone_are_no_documents(tmp_path, text):
    path = tmp_path / "a.txt"
    path.write_text(text)
    with pytest.raises(InputError, match=r"a.txt holds no documents"):
        read_documents(path, tmp_path / "out")


def test_there_are_no_columns(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("a film\n")
    with pytest.raises(InputError, match="is plain text and has no columns"):
        read_documents(path, tmp_path / "out", text_column="text")
