"""Everything that can be loaded, with its options, and what is refused."""

import bz2
import gzip
import http.server
import lzma
import os
import pickle
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest
import smart_open
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from textdl.errors import InputError
from textdl.tensors import save_tensors
from textdl.vectors import Vectors, load_vectors, save_vectors
from textdl.vectors.formats import lines, word2vec

WORDS = ["the", "naïve", "日本語", "🙂", "n\u0308", "-", "12", "a\u00a0b"]


@pytest.fixture
def vectors():
    random = np.random.default_rng(0)
    matrix = random.normal(size=(len(WORDS), 5)) * 10.0 ** random.integers(-6, 6, (len(WORDS), 5))
    return Vectors(WORDS, matrix.astype(np.float32))


def glove(vectors):
    rows = (" ".join(map(repr, row)) for row in vectors.matrix.tolist())
    return "".join(f"{w} {row}\n" for w, row in zip(vectors.words, rows, strict=True)).encode()


FORMATS = ["textdl", "word2vec", "word2vec-binary", "glove", "fasttext", "npz", "safetensors"]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_comes_back_exactly(vectors, tmp_path, kind):
    save_vectors(vectors, tmp_path / "saved", format=kind)
    loaded = load_vectors(tmp_path / "saved")
    assert list(loaded.words) == WORDS
    np.testing.assert_array_equal(loaded.matrix, vectors.matrix)


@pytest.mark.parametrize("first", FORMATS)
def test_formats_convert_into_each_other(vectors, tmp_path, first):
    save_vectors(vectors, tmp_path / "first", format=first)
    for second in FORMATS:
        save_vectors(load_vectors(tmp_path / "first"), tmp_path / second, format=second)
        loaded = load_vectors(tmp_path / second)
        assert list(loaded.words) == WORDS
        np.testing.assert_array_equal(loaded.matrix, vectors.matrix)


@pytest.mark.parametrize("kind", ["word2vec", "word2vec-binary", "glove", "fasttext"])
@pytest.mark.parametrize("pack", ["gz", "bz2", "xz", "zst", "zip", "zip of gz"])
def test_compressed_files(vectors, tmp_path, kind, pack):
    save_vectors(vectors, tmp_path / "plain", format=kind)
    data = (tmp_path / "plain").read_bytes()
    path = tmp_path / "packed"
    if pack == "zst":
        with smart_open.open(tmp_path / "packed.zst", "wb") as file:
            file.write(data)
        path = tmp_path / "packed.zst"
    elif "zip" in pack:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("v", gzip.compress(data) if "gz" in pack else data)
    else:
        path.write_bytes({"gz": gzip, "bz2": bz2, "xz": lzma}[pack].compress(data))
    loaded = load_vectors(path)
    assert list(loaded.words) == WORDS
    np.testing.assert_array_equal(loaded.matrix, vectors.matrix)


def test_a_member_of_an_archive(vectors, tmp_path):
    path = tmp_path / "glove.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", glove(vectors))
        archive.writestr("b.txt", b"one 1 2\ntwo 3 4\n")
    assert load_vectors(f"{path}!b.txt").dim == 2
    assert load_vectors(f"{path}!a.txt").dim == 5
    with pytest.raises(InputError, match=r"2 files.*a\.txt"):
        load_vectors(path)


def test_an_address(vectors, tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTDL_HOME", str(tmp_path / "home"))
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "glove.txt.gz").write_bytes(gzip.compress(glove(vectors)))

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(tmp_path / "served"))

        def log_message(self, *args): ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        loaded = load_vectors(f"http://127.0.0.1:{server.server_port}/glove.txt.gz")
        server.shutdown()
    assert list(loaded.words) == WORDS


def test_a_matrix_and_a_list(vectors, tmp_path):
    np.save(tmp_path / "m.npy", vectors.matrix)
    (tmp_path / "m.vocab").write_text("\n".join(WORDS) + "\n", "utf-8")
    loaded = load_vectors(tmp_path / "m.npy")
    assert list(loaded.words) == WORDS
    (tmp_path / "m.vocab").rename(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="a matrix without words"):
        load_vectors(tmp_path / "m.npy")
    assert len(load_vectors(tmp_path / "m.npy", vocab=tmp_path / "elsewhere")) == len(WORDS)
    (tmp_path / "elsewhere").write_text("one\n", "utf-8")
    with pytest.raises(InputError, match=r"lists 1 words, and .* has 8 rows"):
        load_vectors(tmp_path / "m.npy", vocab=tmp_path / "elsewhere")
    np.save(tmp_path / "o.npy", np.array([object()]), allow_pickle=True)
    with pytest.raises(InputError, match="damaged or unusable"):
        load_vectors(tmp_path / "o.npy")


def test_gensims_objects(vectors, tmp_path):
    theirs = vectors.to_gensim()
    assert theirs.index_to_key == WORDS
    back = Vectors.from_gensim(theirs)
    assert list(back.words) == WORDS
    np.testing.assert_array_equal(back.matrix, vectors.matrix)
    theirs.save(str(tmp_path / "kv"))
    with pytest.raises(InputError, match="a Python pickle, which textdl never opens"):
        load_vectors(tmp_path / "kv")
    with pytest.raises(InputError, match="a dict is no KeyedVectors"):
        Vectors.from_gensim({})


def test_gensims_fasttext_keeps_its_ngrams():
    from gensim.models import FastText

    text = [["good", "film"], ["bad", "film"], ["good", "movie"]] * 20
    model = FastText(text, vector_size=8, min_count=1, bucket=500, epochs=1)
    ours = Vectors.from_gensim(model)
    for word in ("film", "films", "unheard"):
        np.testing.assert_allclose(ours[word], model.wv[word], rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("binary", [True, False])
def test_gensim_and_we_read_each_other(vectors, tmp_path, binary):
    from gensim.models import KeyedVectors

    kind = "word2vec-binary" if binary else "word2vec"
    save_vectors(vectors, tmp_path / "ours", format=kind)
    theirs = KeyedVectors.load_word2vec_format(str(tmp_path / "ours"), binary=binary)
    assert theirs.index_to_key == WORDS
    np.testing.assert_array_equal(theirs.vectors, vectors.matrix)
    theirs.save_word2vec_format(str(tmp_path / "theirs"), binary=binary)
    np.testing.assert_array_equal(load_vectors(tmp_path / "theirs").matrix, vectors.matrix)


class TestOptions:
    @pytest.fixture(params=FORMATS)
    def path(self, request, vectors, tmp_path):
        save_vectors(vectors, tmp_path / "v", format=request.param)
        return tmp_path / "v"

    def test_limit(self, path, vectors):
        loaded = load_vectors(path, limit=3)
        assert list(loaded.words) == WORDS[:3]
        np.testing.assert_array_equal(loaded.matrix, vectors.matrix[:3])
        assert len(load_vectors(path, limit=1000)) == len(WORDS)

    def test_words(self, path, vectors):
        loaded = load_vectors(path, words=["🙂", "the", "unheard"])
        assert list(loaded.words) == ["the", "🙂"]
        np.testing.assert_array_equal(loaded.matrix, vectors.matrix[[0, 3]])

    def test_types(self, path, vectors):
        half = load_vectors(path, dtype="float16", normalize=True)
        assert half.stored.dtype == np.float16
        np.testing.assert_allclose(np.linalg.norm(half.matrix, axis=1), 1, atol=2e-3)
        small = load_vectors(path, dtype="int8")
        assert small.stored.dtype == np.int8
        most = np.abs(vectors.matrix).max(axis=1, keepdims=True)
        assert (np.abs(small.matrix - vectors.matrix) <= most / 127 * 0.501).all()


@pytest.mark.parametrize("size", [100, 60_000])
def test_large_and_small_files_are_read_alike(tmp_path, size, monkeypatch):
    random = np.random.default_rng(1)
    matrix = random.normal(size=(size, 20)) * 10.0 ** random.integers(-12, 12, (size, 20))
    vectors = Vectors((f"w{i}" for i in range(size)), matrix.astype(np.float32))
    path = tmp_path / "v"
    save_vectors(vectors, path, format="glove")
    data = path.read_bytes().replace(b"w7 ", b"w7 tail ").replace(b"\n", b" \r\n")
    path.write_bytes(b"\xef\xbb\xbf" + data)
    quick = load_vectors(path)
    monkeypatch.setattr(lines, "_COMPILED_BYTES", 1 << 28)
    plain = load_vectors(path)
    for loaded in (quick, plain):
        assert list(loaded.words)[:9] == [*(f"w{i}" for i in range(7)), "w7 tail", "w8"]
        np.testing.assert_array_equal(loaded.matrix, vectors.matrix)
    (tmp_path / "gz").write_bytes(gzip.compress(data, 1))
    monkeypatch.undo()
    np.testing.assert_array_equal(load_vectors(tmp_path / "gz").matrix, vectors.matrix)


@pytest.mark.parametrize("packed", [False, True])
def test_large_binary_files(tmp_path, packed):
    random = np.random.default_rng(1)
    vectors = Vectors((f"w{i}" for i in range(50_000)), random.normal(size=(50_000, 101)))
    path = tmp_path / "v"
    save_vectors(vectors, path, format="word2vec-binary")
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes(), 1))
    loaded = load_vectors(path)
    assert list(loaded.words) == list(vectors.words)
    np.testing.assert_array_equal(loaded.matrix, vectors.matrix)


def test_numbers_are_those_of_python(tmp_path):
    texts = ["1", "-0", ".5", "5.", "1e-7", "+3E+2", "123456789012345678", "1e-45",
             "0.1234567890123456789012", "3.4028235e38", "0.000000000000000000000000012",
             "9007199254740993"]  # fmt: skip
    path = tmp_path / "v"
    line = f"w {' '.join(texts)}\n"
    for repeat in (1, 60_000):
        text = "".join(f"w{i}{line[1:]}" for i in range(repeat))
        path.write_text(text)
        loaded = load_vectors(path)
        expected = np.array([float(text) for text in texts]).astype(np.float32)
        np.testing.assert_array_equal(loaded.matrix[-1], expected)
        assert np.signbit(loaded.matrix[-1][1])


BAD = {
    "cut off": (b"3 2\na 1 2\nb 3 4\n", r"promises 3 rows.*has 2"),
    "too much": (b"1 2\na 1 2\nb 3 4\n", r"line 3: more rows than the 1"),
    "a column too few": (b"a 1 2\nb 3\nc 4 5\n", r"line 2: 'b 3'… is not a word and 2 numbers"),
    "a word for a number": (b"a 1 2\nb 3 4\nc x 5\nd 6 7\n", r"line 3: .*'c x 5'… is not"),
    "nan": (b"a 1 2\nb nan 4\n", r"line 2: a number is nan"),
    "infinity": (b"2 2\na 1 2\nb 3 inf\n", r"line 3: a number is inf"),
    "too large": (b"a 1 2\nb 3 1e39\n", r"line 2: a number is inf"),
    "no word": (b"a 1 2\n 3 4\nb 5 6\n", r"line 2: there is no word"),
    "twice": (b"a 1 2\nb 3 4\na 5 6\n", r"line 3: the word 'a' again, after line 1.*on_duplicate"),
    "not UTF-8": (b"a 1 2\nb\xff 3 4\n", r"line 2: the word b'b\\xff' is not UTF-8.*replace"),
    "a gap": (b"a 1 2\n\nb 3 4\n", r"line 2: is empty"),
    "web page": (b"<!DOCTYPE html>\n<html>404</html>", r"a web page"),
    "empty": (b"", r"is empty"),
    "huge header": (b"1000000000000 300\na 1 2\n", r"promises 1,000,000,000,000 rows"),
    "no numbers": (b"1 0\na\n", r"line 1: promises vectors of 0 numbers"),
    "pickle": (pickle.dumps({"a": 1}), r"a Python pickle, which textdl never opens"),
    "prose": (b"It was a dark night.\nAnd so on.\n", r"not recognised.*begins with 'It was"),
    "zeros": (bytes(1000), r"nothing but zeros"),
    "binary cut off": (b"2 2\na " + bytes(8) + b"b " + bytes(4), r"cut off in row 2, at byte 14"),
    "binary too long": (b"1 2\na " + bytes(8) + b"more", r"byte 14: more follows the 1 rows"),
    "binary header": (b"99999999 2\na " + bytes(8), r"promises 99,999,999 rows"),
    "gzip cut off": (gzip.compress(b"a 1 2\n" * 99)[:-10], r"cut off"),
    "UTF-16": ("a 1 2\n".encode("utf-16"), r"UTF-16"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_files_say_what_and_where(tmp_path, case):
    content, message = BAD[case]
    path = tmp_path / "bad.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        load_vectors(path)
    assert "bad.txt" in str(caught.value)


def test_bad_lines_far_down_a_large_file(tmp_path):
    path = tmp_path / "v"
    rows = [f"w{i} 0.12345 {i}.5 -3 {i}e-3" for i in range(400_000)]
    rows[300_000] = "w300000 1 2 3"
    path.write_text("\n".join(rows))
    with pytest.raises(InputError, match="line 300001: 'w300000 1 2 3'… is not a word and 4"):
        load_vectors(path)
    rows[300_000] = "w299999 1 2 3 4"
    path.write_text("\n".join(rows))
    with pytest.raises(InputError, match="line 300001: the word 'w299999' again, after line"):
        load_vectors(path)
    loaded = load_vectors(path, on_duplicate="last")
    assert loaded["w299999"].tolist() == [1, 2, 3, 4]
    assert len(loaded) == 399_999
    assert load_vectors(path, on_duplicate="first")["w299999"][2] == -3


def test_words_that_are_not_utf8(tmp_path):
    path = tmp_path / "v"
    path.write_bytes(b"a 1 2\nb\xff 3 4\n")
    assert list(load_vectors(path, encoding_errors="replace").words) == ["a", "b\ufffd"]
    assert list(load_vectors(path, encoding_errors="ignore").words) == ["a", "b"]
    assert list(load_vectors(path, encoding_errors="backslashreplace").words) == ["a", "b\\xff"]


def test_what_is_not_there(tmp_path):
    with pytest.raises(InputError, match="no such file or folder, and no pretrained"):
        load_vectors(tmp_path / "absent")
    with pytest.raises(InputError, match="a folder that holds no"):
        load_vectors(tmp_path)


def test_a_zip_bomb_is_refused_in_little_memory(tmp_path):
    import tracemalloc

    path = tmp_path / "bomb.gz"
    with gzip.open(path, "wb", 9) as file:
        for _ in range(300):
            file.write(bytes(1 << 20))
    tracemalloc.start()
    with pytest.raises(InputError):
        load_vectors(path)
    with gzip.open(path, "wb", 9) as file:
        file.write(b"a 1 2\nb ")
        for _ in range(300):
            file.write(b"0" * (1 << 20))
    with pytest.raises(InputError, match="no line ends"):
        load_vectors(path)
    assert tracemalloc.get_traced_memory()[1] < 150e6
    tracemalloc.stop()


fuzz = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
HEADS = st.sampled_from(
    [b"", b"2 3\n", b"a 1 2 3\n", b"\xef\xbb\xbf1 2\n", b"\xba\x16\x4f\x2f\x0c\x00\x00\x00",
     b"\x93NUMPY\x01\x00", b"10 3 1 2 1 1 < >\n", (20).to_bytes(8, "little") + b'{"a":', b"PK\3\4",
     b"\x1f\x8b\x08\x00", b"BZh9", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"]
)  # fmt: skip


@fuzz
@given(HEADS, st.binary(max_size=300))
@example(b"1 1\n", b"\n")
@example(b"0 3\n", b"")
def test_any_bytes_give_vectors_or_an_input_error(tmp_path, head, rest):
    path = tmp_path / "fuzz"
    path.write_bytes(head + rest)
    loaded, refused = None, "fuzz"
    try:
        loaded = load_vectors(path)
    except InputError as error:
        refused = str(error)
    assert "fuzz" in refused
    if loaded is not None:
        assert np.isfinite(loaded.matrix).all()
        assert len(set(loaded.words)) == len(loaded)


@fuzz
@given(st.data())
def test_damaged_files_never_crash(vectors, tmp_path, data):
    kind = data.draw(st.sampled_from(FORMATS[1:]))
    path = tmp_path / "fuzz"
    save_vectors(vectors, path, format=kind)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
        if not content:
            break
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    refused = "fuzz"
    try:
        load_vectors(path, on_duplicate="first", encoding_errors="replace")
    except InputError as error:
        refused = str(error)
    assert "fuzz" in refused


def test_the_real_files(monkeypatch):
    folder = Path(os.environ.get("TEXTDL_DATA", "/nowhere")) / "vectors"
    if not folder.is_dir():
        pytest.skip("TEXTDL_DATA is not set")
    sizes = {path.name: load_vectors(path).matrix.shape for path in sorted(folder.iterdir())}
    assert sizes["glove.6B.50d.top2445.txt"] == (2445, 50)
    assert sizes["googlenews.top1000.w2v.txt"] == (1000, 300)
    assert sizes["word2vec_pre_kv_c"] == (1750, 10)
    for stem in ("crime-and-punishment",):
        model = load_vectors(folder / f"{stem}.fasttext.bin")
        text = load_vectors(folder / f"{stem}.fasttext.vec")
        np.testing.assert_allclose(model[list(text.words)], text.matrix, atol=1e-4)


def test_small_pieces_read_the_same(vectors, tmp_path, monkeypatch):
    # Chunks that end in the middle of lines and records.
    monkeypatch.setattr(lines, "_CHUNK", 64)
    monkeypatch.setattr(word2vec, "_CHUNK", 64)
    monkeypatch.setattr(word2vec, "_LONGEST_WORD", 12)
    for kind in ("word2vec", "glove", "word2vec-binary"):
        save_vectors(vectors, tmp_path / "v", format=kind)
        data = (tmp_path / "v").read_bytes()
        for content in (data, gzip.compress(data)):
            (tmp_path / "v").write_bytes(content)
            loaded = load_vectors(tmp_path / "v")
            assert list(loaded.words) == WORDS
            np.testing.assert_array_equal(loaded.matrix, vectors.matrix)


@pytest.mark.parametrize("kind", ["npz", "npy", "safetensors"])
def test_words_that_a_matrix_has_twice(tmp_path, kind):
    words, matrix = ["a", "b", "a"], np.eye(3, dtype=np.float32)
    path = tmp_path / f"m.{kind}"
    if kind == "npz":
        np.savez(path, words=words, vectors=matrix)
    else:
        (tmp_path / "m.vocab").write_text("\n".join(words), "utf-8")
        if kind == "npy":
            np.save(path, matrix)
        else:
            save_tensors(path, {"vectors": matrix})
    with pytest.raises(InputError, match="row 2: the word 'a' again, after row 0"):
        load_vectors(path, on_duplicate="error")
    assert load_vectors(path, on_duplicate="first")["a"].tolist() == [1, 0, 0]
    assert load_vectors(path, on_duplicate="last")["a"].tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ('{"a": 7, "b": 3}', "its 2 words need the rows from 0 on"),
        ('["a", ""]', "row 1 has no word"),
        ("[1, 2]", "no list of words"),
    ],
)
def test_lists_that_do_not_belong_to_a_matrix(tmp_path, listed, message):
    np.save(tmp_path / "m.npy", np.eye(2))
    (tmp_path / "m.json").write_text(listed, "utf-8")
    with pytest.raises(InputError, match=message):
        load_vectors(tmp_path / "m.npy")


@pytest.mark.parametrize("words", ["nojson", "[1, 2]"])
def test_words_in_safetensors_that_are_none(tmp_path, words):
    save_tensors(tmp_path / "m.safetensors", {"vectors": np.eye(2)}, {"words": words})
    with pytest.raises(InputError, match="its words are no list of words"):
        load_vectors(tmp_path / "m.safetensors")


def test_a_word_of_which_nothing_can_be_read(tmp_path):
    (tmp_path / "a.vec").write_bytes(b"2 2\n\xe9 1 2\nb 3 4\n")
    with pytest.raises(InputError, match="line 2: there is no word"):
        load_vectors(tmp_path / "a.vec", encoding_errors="ignore")


def test_more_is_promised_than_memory_holds(tmp_path):
    with gzip.open(tmp_path / "a.vec.gz", "wb") as file:
        file.write(b"9999999999999 9999999999\na 1 2\n")
    with pytest.raises(
        InputError, match=r"a\.vec\.gz: there is no memory for .* 9,999,999,999 numb"
    ):
        load_vectors(tmp_path / "a.vec.gz")
