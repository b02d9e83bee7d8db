import bz2
import gzip
import lzma
import tempfile
from pathlib import Path

import pytest
import smart_open

from textdl.errors import InputError
from textdl.text.sources.reading import blocks, compression, head, lines, text_blocks


def zstandard(data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.zst"
        with smart_open.open(str(path), "wb") as file:
            file.write(data)
        return path.read_bytes()


PACK = {
    "plain": bytes,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstandard": zstandard,
}
TEXT = "".join(f"line {i} größer\n" for i in range(20000)).encode()


@pytest.mark.parametrize("packing", PACK)
def test_blocks_are_decompressed_whatever_the_file_is_called(tmp_path, packing):
    path = tmp_path / "reviews.dat"
    path.write_bytes(PACK[packing](TEXT))
    assert compression(path) == (None if packing == "plain" else packing)
    found = list(blocks(path, 1000))
    assert b"".join(found) == TEXT
    assert max(map(len, found)) <= 1000
    assert head(path, 1500) == TEXT[:1500]


@pytest.mark.parametrize("packing", [name for name in PACK if name != "plain"])
@pytest.mark.parametrize("damage", ["cut off", "changed"])
def test_damaged_compression_is_named(tmp_path, packing, damage):
    path = tmp_path / "reviews.txt.gz"
    data = bytearray(PACK[packing](TEXT))
    if damage == "cut off":
        data = data[: len(data) // 2]
    else:
        data[len(data) // 2 : len(data) // 2 + 50] = bytes(50)
    path.write_bytes(data)
    with pytest.raises(InputError, match=rf"reviews.txt.gz: the {packing} data are cut off or"):
        list(blocks(path))


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_characters_may_lie_across_blocks(tmp_path, monkeypatch, size):
    path = tmp_path / "a.txt"
    path.write_text("größer\n很好 🎬\nend", "utf-8")
    monkeypatch.setattr(blocks, "__defaults__", (size,))
    assert b"".join(text_blocks(path)).decode() == "größer\n很好 🎬\nend"
    assert list(lines(path)) == ["größer\n", "很好 🎬\n", "end"]


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_broken_utf8_is_located(tmp_path, monkeypatch, size):
    path = tmp_path / "a.txt"
    path.write_bytes("很 good\nfilm caf".encode() + b"\xe9 x\n")
    monkeypatch.setattr(blocks, "__defaults__", (size,))
    with pytest.raises(InputError, match=r"a.txt, line 2: byte 17 \(0xe9\) is not UTF-8.*iconv"):
        list(lines(path))


def test_a_text_that_ends_within_a_character_is_located(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"ab\n" + "很".encode()[:2])
    with pytest.raises(InputError, match=r"line 2: byte 3 \(0xe5\) is not UTF-8"):
        list(lines(path))


def test_nul_bytes_are_no_text(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"ab\ncd\0e")
    with pytest.raises(InputError, match="line 2: there is a NUL byte at byte 5"):
        list(lines(path))


def test_lines_end_at_newlines_only(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffa\x85b\u2028c\rd\r\n\ne".encode())
    assert list(lines(path)) == ["a\x85b\u2028c\rd\r\n", "\n", "e"]


def test_a_file_that_cannot_be_opened(tmp_path):
    with pytest.raises(InputError, match="can't be read: No such file"):
        list(blocks(tmp_path / "none.txt"))
