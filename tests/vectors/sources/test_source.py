import bz2
import gzip
import io
import lzma
import os
import tarfile
import tracemalloc
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from textdl.errors import InputError
from textdl.vectors.sources import find_source
from textdl.vectors.sources.decompression import Guarded, compression

CONTENT = "".join(f"word{i} {i % 7} {i * 0.37:.3f} größer\n" for i in range(20000)).encode()


def zstandard(data):
    return pytest.importorskip("backports.zstd").compress(data)


def lzma_alone(data):
    return lzma.compress(data, format=lzma.FORMAT_ALONE)


PACK = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lzma_alone,
    "zstandard": zstandard,
}


def make_zip(path, **files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def make_tar(packing="", **files):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=f"w:{packing}") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return data.getvalue()


def content(source):
    with source.open() as stream:
        return stream.read()


def test_a_file_that_is_not_packed_can_be_mapped(tmp_path):
    path = tmp_path / "vectors.gz"
    path.write_bytes(CONTENT)
    source = find_source(path)
    assert (source.name, source.path, source.size) == (str(path), path, len(CONTENT))
    assert content(source) == content(source) == CONTENT
    assert source.peek(10) == CONTENT[:10]
    assert source.peek(len(CONTENT) + 1) == CONTENT


@pytest.mark.parametrize("packing", PACK)
def test_compressed_data_are_known_by_their_bytes(tmp_path, packing):
    path = tmp_path / "vectors.txt"
    path.write_bytes(PACK[packing](CONTENT))
    source = find_source(path)
    assert (source.name, source.path, source.size) == (str(path), None, None)
    assert content(source) == CONTENT
    assert source.peek(1000) == CONTENT[:1000]
    with source.open() as stream:
        parts = list(iter(lambda: stream.read(777), b""))
        assert stream.read(1) == b""
    assert b"".join(parts) == CONTENT
    assert {len(part) for part in parts[:-1]} == {777}


@pytest.mark.parametrize("packing", [name for name in PACK if name != "lzma"])
@pytest.mark.parametrize("padding", [b"", b"\0" * 1024])
def test_streams_that_follow_each_other_are_read_to_the_end(tmp_path, packing, padding):
    path = tmp_path / "vectors"
    pack = PACK[packing]
    path.write_bytes(pack(CONTENT) + padding + pack(b"") + pack(b"the end") + padding)
    assert content(find_source(path)) == CONTENT + b"the end"


def test_a_skippable_frame_of_zstandard(tmp_path):
    path = tmp_path / "vectors"
    path.write_bytes(b"\x50\x2a\x4d\x18\x04\0\0\0abcd" + zstandard(CONTENT))
    assert content(find_source(path)) == CONTENT


@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize("damage", ["cut off", "damaged", "followed"])
def test_damage_shows_while_the_data_are_read(tmp_path, packing, damage):
    path = tmp_path / "vectors.bin"
    data = bytearray(PACK[packing](CONTENT))
    if damage == "cut off":
        del data[len(data) * 2 // 3 :]
    elif damage == "damaged":
        data[len(data) // 2 : len(data) // 2 + 60] = b"\xa5" * 60
    else:
        data += b"and more"
    path.write_bytes(data)
    message = rf"vectors.bin: the {packing} data are (cut off at|damaged before) byte [\d,]+"
    with pytest.raises(InputError, match=message):
        content(find_source(path))


def test_what_is_in_front_of_the_damage_can_be_read(tmp_path):
    path = tmp_path / "vectors"
    path.write_bytes(gzip.compress(CONTENT)[:-100])
    with find_source(path).open() as stream:
        assert stream.read(500_000) == CONTENT[:500_000]
        with pytest.raises(InputError, match="vectors: the gzip data are cut off at byte"):
            stream.read()


def test_what_decompresses_to_nothing_is_empty(tmp_path):
    path = tmp_path / "vectors.gz"
    path.write_bytes(gzip.compress(b""))
    with pytest.raises(InputError, match=r"vectors.gz: is empty"):
        find_source(path)


def test_memory_does_not_grow_with_what_is_packed(tmp_path):
    path = tmp_path / "bomb.zip"
    size = 100 << 20
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("bomb.gz", "w") as file,
        gzip.open(file, "w", 1) as packed,
    ):
        for _ in range(size >> 20):
            packed.write(bytes(1 << 20))
    assert path.stat().st_size < 100_000
    tracemalloc.start()
    try:
        with find_source(path).open() as stream:
            found = sum(len(block) for block in iter(lambda: stream.read(1 << 16), b""))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found == size
    assert peak < 4 << 20


def test_the_only_file_of_an_archive(tmp_path):
    files = {"folder/": b"", "folder/glove": CONTENT, "__MACOSX/folder/._glove": b"?"}
    path = make_zip(tmp_path / "a.zip", **files)
    source = find_source(path)
    assert (source.name, source.path) == (f"{path}!folder/glove", None)
    assert source.size == len(CONTENT)
    assert content(source) == content(source) == CONTENT
    path.write_bytes(make_tar("gz", **{"data/en/vectors": CONTENT}))
    source = find_source(path)
    assert (source.name, source.path) == (f"{path}!data/en/vectors", None)
    assert source.size == len(CONTENT)
    assert content(source) == content(source) == CONTENT


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.xz"])
def test_one_of_several_files(tmp_path, kind):
    path, files = tmp_path / "glove!", {"a.50d": b"50", "b.100d": CONTENT, "c.200d": b"200"}
    if kind == "zip":
        make_zip(path, **files)
    else:
        path.write_bytes(make_tar(kind[4:], **files))
    for source in (find_source(path, "b.100d"), find_source(Path(f"{path}!b.100d"))):
        assert source.name == f"{path}!b.100d"
        assert content(source) == CONTENT
        assert source.peek(4) == CONTENT[:4]
    with pytest.raises(
        InputError, match=r"holds 3 files. Name one, such as .*/glove!!a.50d; there"
    ):
        find_source(path)
    with pytest.raises(InputError, match=r"no file 'd'; there are a.50d, b.100d, c.200d"):
        find_source(path, "d")


def test_layer_upon_layer(tmp_path):
    path = make_zip(tmp_path / "a", inner=bz2.compress(make_tar("gz", x=lzma.compress(CONTENT))))
    source = find_source(path, "inner")
    assert source.name == f"{path}!inner!x"
    assert source.size is None
    assert content(source) == CONTENT
    data = CONTENT
    for _ in range(8):
        data = gzip.compress(data)
    path.write_bytes(data)
    with pytest.raises(InputError, match="packed more than 6 times over"):
        find_source(path)
    make_zip(path, **{"inner.zip": make_zip(tmp_path / "b", x=CONTENT).read_bytes()})
    with pytest.raises(InputError, match=r"inner.zip: a zip archive within .* Unpack the outer"):
        find_source(path)


def test_an_archive_without_files(tmp_path):
    path = make_zip(tmp_path / "a.zip")
    with pytest.raises(InputError, match=r"a.zip: the archive holds no file"):
        find_source(path)
    path.write_bytes(CONTENT)
    with pytest.raises(InputError, match="neither a zip nor a tar archive, so there is no member"):
        find_source(path, "x")


def test_damaged_archives(tmp_path):
    path = make_zip(tmp_path / "a.zip", x=CONTENT)
    data = path.read_bytes()
    path.write_bytes(data[:-1000])
    with pytest.raises(InputError, match=r"a.zip: the archive is cut off or damaged \("):
        find_source(path)
    changed = bytearray(data)
    changed[len(data) // 2] ^= 0x10
    path.write_bytes(changed)
    source = find_source(path)
    with source.open() as stream, pytest.raises(InputError, match=r"a.zip!x: can't be read behind"):
        stream.read()
    data = make_tar(x=CONTENT, y=CONTENT)
    path.write_bytes(data[: len(CONTENT) // 2])
    with pytest.raises(InputError, match=r"a.zip: the archive is cut off or damaged \("):
        find_source(path)
    source = find_source(path, "x")
    with source.open() as stream, pytest.raises(InputError, match=r"a.zip!x: can't be read behind"):
        stream.read()
    path.write_bytes(gzip.compress(data)[:-5000])
    with pytest.raises(InputError, match=r"a.zip: the gzip data are cut off at byte"):
        find_source(path)


def test_zip_archives_that_cannot_be_read(tmp_path):
    path = tmp_path / "a.zip"
    make_zip(path, x=CONTENT)
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"a.zip!x: is encrypted"):
        find_source(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("x", CONTENT)
    with pytest.raises(InputError, match=r"a.zip!x: is packed by method 14"):
        find_source(path)


def test_what_is_no_file(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"nowhere!x: no such file"):
        find_source(tmp_path / "nowhere!x")
    with pytest.raises(InputError, match="is a folder"):
        find_source(tmp_path)
    (tmp_path / "nothing").touch()
    with pytest.raises(InputError, match="nothing: is empty"):
        find_source(tmp_path / "nothing")
    with pytest.raises(InputError, match="nothing/x: no such file"):
        find_source(tmp_path / "nothing" / "x")
    with pytest.raises(InputError, match="can't be read: File name too long"):
        find_source(tmp_path / ("x" * 300))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="pipe: is no ordinary file"):
        find_source(tmp_path / "pipe")
    path = tmp_path / "secret"
    path.write_bytes(CONTENT)
    source = find_source(path)

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    for read in (source.open, lambda: find_source(path)):
        with pytest.raises(InputError, match="secret: can't be read: Permission denied"):
            read()


def test_a_disk_that_fails():
    class Failing(io.RawIOBase):
        def readinto(self, buffer):
            raise OSError(5, "Input/output error")

    with pytest.raises(InputError, match=r"x: can't be read behind byte 0 \(Input/output error\)"):
        Guarded(Failing(), "x").read(1)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"BZh9 0.1 0.2",
        b"] 0.12 -0.3 0.5 0.1",
        b"\x5d" + bytes(7) + b'{"matrix":',  # safetensors with a short header
        b"400000 50\nthe 0.1",
        b"\x93NUMPY\x01\x00v\x00",
    ],
)
def test_what_only_looks_compressed(head):
    assert compression(head) is None


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([*PACK, "zip", "tar"]), st.data())
def test_whatever_is_damaged_is_an_input_error(tmp_path, packing, data):
    path = tmp_path / "x"
    if packing == "zip":
        whole = make_zip(path, a=CONTENT[:5000]).read_bytes()
    elif packing == "tar":
        whole = make_tar(a=CONTENT[:5000])
    else:
        whole = PACK[packing](CONTENT[:5000])
    begin = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(begin, len(whole)))
    path.write_bytes(whole[:begin] + data.draw(st.binary(max_size=20)) + whole[end:])
    with suppress(InputError):
        content(find_source(path))
