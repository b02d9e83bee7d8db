import gzip
import pickle

import numpy as np
import pytest

from textdl.errors import InputError
from textdl.text.sources.kinds import delimiter, kind, suffix


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.csv", "x,y\n1,2\n", "table"),
        ("a.tsv", "x\ty\n1\t2\n", "table"),
        ("a.jsonl", '{"text": "a"}\n', "jsonl"),
        ("a.txt", "a film\n", "plain"),
        ("a.txt", "id\tdocument\tlabel\n1\tx\t0\n", "table"),
        ("a.txt", "text, label and more\n", "plain"),
        ("a", '{"text": "a"}\n', "jsonl"),
        ("a", "{braces} only\n", "plain"),
        ("a.pos", "a film\n", "plain"),
        ("a", '"Review","Sentiment"\r\n"x","y"\r\n', "table"),
    ],
)
def test_text_files_are_told_apart(tmp_path, name, text, expected):
    path = tmp_path / name
    path.write_text(text)
    assert kind(path) == expected
    packed = tmp_path / f"{name}.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    assert kind(packed) == expected


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"PK\x03\x04rest", "is a zip archive"),
        (b"\x89PNG\r\n\x1a\n\0\0", "is a PNG image"),
        (pickle.dumps({"a": 1}), "is a Python pickle"),
        (b"%PDF-1.4", "is a PDF file"),
        ("a film".encode("utf-16"), "is UTF-16 text: convert it with `iconv"),
        (b"name" + bytes(253) + b"ustar  \0", "is a tar archive"),
        (b"abc\0def", "is not text: it has NUL bytes"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
        (b"", "is empty"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.bin"])
def test_what_is_no_text_is_named(tmp_path, data, what, name):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputError, match=what) as caught:
        kind(path)
    assert str(path) in str(caught.value)


def test_compressed_archives_are_named(tmp_path):
    path = tmp_path / "aclImdb_v1.tar.gz"
    path.write_bytes(gzip.compress(b"name" + bytes(253) + b"ustar  \0" + bytes(300)))
    with pytest.raises(InputError, match="is a tar archive: unpack it"):
        kind(path)


def test_a_numpy_array_is_named(tmp_path):
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(InputError, match="is a NumPy array"):
        kind(path)


def test_a_parquet_suffix_on_something_else(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_text("<html>Not found</html>")
    with pytest.raises(InputError, match="doesn't begin like a Parquet file"):
        kind(path)
    path.write_text("version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(InputError, match="is a Git LFS pointer"):
        kind(path)


def test_a_json_array_is_refused(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('[{"text": "a"}]')
    with pytest.raises(InputError, match="one JSON array"):
        kind(path)


@pytest.mark.parametrize(
    ("name", "header", "expected"),
    [
        ("a.csv", "text,label", ","),
        ("a.csv", "text\tlabel", "\t"),
        ("a.tsv", "text\tlabel,name", "\t"),
        ("a.tsv", "text,label", ","),
        ("a.csv", '"text, long";label', ";"),
        ("a.csv", "text|label|id", "|"),
        ("a.csv", "text", ","),
        ("a.txt.gz", "\ufefftext\tlabel", "\t"),
    ],
)
def test_the_delimiter_is_found_in_the_header(tmp_path, name, header, expected):
    path = tmp_path / name
    data = f"{header}\r\nx,y;z\n".encode()
    path.write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    assert delimiter(path) == expected


def test_suffix_looks_behind_the_compression(tmp_path):
    assert suffix(tmp_path / "train.TSV.gz") == ".tsv"
    assert suffix(tmp_path / "train.v2.csv") == ".csv"
    assert suffix(tmp_path / "train") == ""
