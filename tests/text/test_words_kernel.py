"""The compiled tokenizer finds what :class:`WordTokenizer` finds."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from textdl.text import WordTokenizer, build_corpus, encoding, read_documents
from textdl.text.documents import DocumentsWriter
from textdl.text.scanning import scan

ASCII = st.text(st.characters(max_codepoint=127), max_size=40)
MARKUP = st.text(" \n\t\r\f\v\x1c\x1fabBpPrR<>/'_&;#3lt.é\u0301…ﷺΣ’\u00a0日", max_size=40)
PIECES = st.lists(
    st.sampled_from(
        ["<br />", "< BR/>", "<p>", "</P >", "</br>", "&lt", "&lt;", "&amp;", " br>", " p ",
         "don't", "a", " ", "\n", "'", "B2", "é", "ΑΣ", "\u0301", "x_y", "!", "<", "/",
         ">", "\x00", "\x1d"]
    ),
    max_size=30,
).map("".join)  # fmt: skip
TEXTS = st.lists(ASCII | MARKUP | PIECES | st.text(max_size=20), max_size=8)
TOKENIZERS = st.builds(WordTokenizer, lower=st.booleans(), punctuation=st.booleans())


def tokens(encoded):
    words = encoded.words
    if isinstance(words, np.ndarray):
        words = words.tobytes().decode().split("\n")
    return [words[i] for i in encoded.ids]


def both(tokenizer, texts):
    raw = [text.encode() for text in texts]
    bounds = np.cumsum([0, *map(len, raw)])
    data = b"".join(raw)
    compiled = scan(tokenizer, np.frombuffer(data, np.uint8), bounds)
    return compiled, encoding._encode(tokenizer, data, bounds)


@settings(deadline=None, max_examples=1500)
@given(TEXTS, TOKENIZERS)
@example(["a b &lt br> c d e"], WordTokenizer())
@example(["a b &lt\rbr> c d e", "é don't"], WordTokenizer())
@example(["".join(map(chr, range(128)))], WordTokenizer())
@example(["é " + "".join(f"{chr(i)} a b c " for i in range(128))], WordTokenizer())
def test_the_tokens_are_the_same(texts, tokenizer):
    compiled, plain = both(tokenizer, texts)
    assert tokens(compiled) == tokens(plain)
    assert compiled.lengths.tolist() == plain.lengths.tolist()
    assert compiled.ids.dtype == np.int32


def test_the_table_grows():
    text = " ".join(f"w{i}" for i in [*range(30_000), *range(30_000)])
    compiled, plain = both(WordTokenizer(), [text, text.upper()])
    assert tokens(compiled) == tokens(plain)
    assert (compiled.ids == plain.ids).all()


def corpora(documents, folder, monkeypatch):
    """The same corpus built in Python, and compiled with one thread and with three."""
    build_corpus(documents, folder / "python", min_count=1)
    monkeypatch.setattr(encoding, "COMPILED_BYTES", 0)
    for workers in (1, 3):
        build_corpus(documents, folder / f"compiled{workers}", min_count=1, workers=workers)
    for name in ("tokens.npy", "offsets.npy", "vocab.safetensors", "corpus.json"):
        same = {path.read_bytes() for path in folder.glob(f"*/{name}")}
        assert len(same) == 1


@pytest.mark.parametrize("size", [1, 7, 100, 5000])
def test_a_corpus_has_the_same_bytes(tmp_path, monkeypatch, size):
    monkeypatch.setattr(encoding, "CHUNK_BYTES", size)
    random = np.random.default_rng(size)
    parts = ["a", "don't", "<br />", "&lt br>", "x&amp;y", "né", "!", "Ω", "\n", "e b"]
    texts = [" ".join(random.choice(parts, n)) for n in (300, 0, 1, 20, 400, 2)]
    with DocumentsWriter(tmp_path / "documents") as writer:
        for split in ("train", "test"):
            writer.begin_split(split)
            for text in texts:
                writer.add(text)
        documents = writer.close([], {})
    corpora(documents, tmp_path / "corpora", monkeypatch)


@pytest.mark.skipif("TEXTDL_DATA" not in os.environ, reason="needs TEXTDL_DATA")
def test_reviews_have_the_same_bytes(tmp_path, monkeypatch):
    imdb = Path(os.environ["TEXTDL_DATA"]) / "imdb"
    documents = read_documents(imdb, tmp_path / "documents", splits=["train"], sample=3000)
    corpora(documents, tmp_path / "corpora", monkeypatch)


@pytest.mark.parametrize("compiled_from", [0, 10_000_000])
def test_no_cut_falls_into_a_tag(tmp_path, monkeypatch, compiled_from):
    text = "one &lt br> two three " * 20
    with DocumentsWriter(tmp_path / "documents") as writer:
        writer.add(text)
        documents = writer.close([], {})
    monkeypatch.setattr(encoding, "COMPILED_BYTES", compiled_from)
    for size in range(1, 40):
        monkeypatch.setattr(encoding, "CHUNK_BYTES", size)
        corpus = build_corpus(documents, tmp_path / "corpus", min_count=1, workers=1)
        assert [corpus.vocab.words[i] for i in corpus.tokens] == WordTokenizer()(text)
