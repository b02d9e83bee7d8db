import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textdl.errors import InputError
from textdl.text import Corpus, build_corpus, encoding, read_documents
from textdl.text.documents import DocumentsWriter
from textdl.text.vocab import SPECIALS, UNKNOWN, Vocab


def write(folder, **splits):
    with DocumentsWriter(folder) as writer:
        for name, texts in splits.items():
            writer.begin_split(name)
            for i, text in enumerate(texts):
                writer.add(text, i % 2)
        return writer.close(["negative", "positive"], {"source": "test"})


def words(corpus, i):
    return [corpus.vocab.words[token] for token in corpus.document(i)]


def test_a_corpus_holds_the_documents(tmp_path):
    documents = write(tmp_path / "d", train=["b a b", "", "A c!"], test=["b d"])
    corpus = build_corpus(documents, tmp_path / "c", min_count=1)
    assert [words(corpus, i) for i in range(4)] == [
        ["b", "a", "b"], [], ["a", "c", "!"], ["b", "<unk>"],
    ]  # fmt: skip
    assert list(corpus.vocab.words) == [*SPECIALS, "a", "b", "!", "c"]
    assert corpus.vocab.counts.tolist() == [0, 0, 2, 2, 1, 1]
    assert corpus.labels.tolist() == [0, 1, 0, 0]
    assert corpus.splits == {"train": range(3), "test": range(3, 4)}
    assert corpus.tokens.dtype == np.int32
    assert repr(corpus).startswith("Corpus(train 3, test 1 documents, 8 tokens, Vocab(4 words")


def test_a_vocabulary_sees_the_test_split_only_when_told_to(tmp_path):
    documents = write(tmp_path / "d", train=["a a"], validation=["v v"], test=["t t"])
    corpus = build_corpus(documents, tmp_path / "c", min_count=1)
    assert list(corpus.vocab.words[2:]) == ["a"]
    assert corpus.info["vocab_splits"] == ["train"]
    every = ["train", "validation", "test"]
    corpus = build_corpus(documents, tmp_path / "e", min_count=1, vocab_splits=every)
    assert list(corpus.vocab.words[2:]) == ["a", "t", "v"]
    with pytest.raises(InputError, match="no split 'dev': the corpus has train, validation, test"):
        build_corpus(documents, tmp_path / "f", vocab_splits=["dev"])


def test_rare_words_and_words_beyond_the_size_are_unknown(tmp_path):
    documents = write(tmp_path / "d", train=["a a a b b c c d"])
    corpus = build_corpus(documents, tmp_path / "c", min_count=2, max_size=2)
    assert list(corpus.vocab.words[2:]) == ["a", "b"]
    assert corpus.vocab.counts[UNKNOWN] == 3
    assert corpus.info["unknown_rate"] == 3 / 8


def test_a_corpus_comes_back_from_disk(tmp_path):
    corpus = build_corpus(write(tmp_path / "d", train=["x y", "y"]), tmp_path / "c", min_count=1)
    corpus.save(tmp_path / "copy")
    copy = Corpus.load(tmp_path / "copy")
    assert [words(copy, i) for i in range(2)] == [["x", "y"], ["y"]]
    assert copy.info == corpus.info
    assert copy.tokenizer == corpus.tokenizer
    (tmp_path / "copy/tokens.npy").write_bytes(b"")
    with pytest.raises(InputError, match="copy: not a complete corpus"):
        Corpus.load(tmp_path / "copy")


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ([""], "no tokens in train: every text is empty"),
        (["a b"], "no word occurs 5 times in train"),
    ],
)
def test_corpora_without_words(tmp_path, texts, message):
    with pytest.raises(InputError, match=message):
        build_corpus(write(tmp_path / "d", train=texts), tmp_path / "c")


def test_a_corpus_that_could_not_be_built_is_no_corpus(tmp_path):
    documents = write(tmp_path / "d", train=["x y", "y"])
    before = build_corpus(documents, tmp_path / "c", min_count=1)
    with pytest.raises(InputError):
        build_corpus(documents, tmp_path / "c", min_count=9)
    with pytest.raises(InputError, match="c: not a complete corpus"):
        Corpus.load(tmp_path / "c")
    assert words(before, 0) == ["x", "y"]


def test_settings_are_checked(tmp_path):
    documents = write(tmp_path / "d", train=["x"])
    with pytest.raises(InputError, match="min_count: input should be greater than or equal to 1"):
        build_corpus(documents, str(tmp_path / "c"), min_count=0)
    with pytest.raises(InputError, match="no split is named: choose from train"):
        build_corpus(documents, tmp_path / "c", vocab_splits=[])


def test_a_corpus_whose_files_do_not_fit_together_is_refused(tmp_path):
    corpus = build_corpus(write(tmp_path / "d", train=["x y", "y"]), tmp_path / "c", min_count=1)
    np.save(tmp_path / "c/tokens.npy", np.array(corpus.tokens[:2]))
    with pytest.raises(InputError, match="don't belong together"):
        Corpus.load(tmp_path / "c")


def test_a_text_that_spells_a_special_token_is_no_special_token():
    vocab = Vocab.from_counts({"<pad>": 9, "<unk>": 9, "a": 1})
    assert vocab.encode(["<pad>", "<unk>", "a", "b"]).tolist() == [1, 1, 2, 1]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(" ab<br/>&;éД\n\u00a0", max_size=60), min_size=1), st.integers(1, 50))
def test_chunks_change_nothing(tmp_path_factory, texts, size):
    """Whatever the chunks' size, also when they cut documents, the tokens are the same."""
    folder = tmp_path_factory.mktemp("chunks")
    texts = [*texts, "a a"]
    documents = write(folder / "d", train=texts)
    try:
        encoding.CHUNK_BYTES = size
        corpus = build_corpus(documents, folder / "c", min_count=1, workers=1)
    finally:
        encoding.CHUNK_BYTES = 2_000_000
    for i, text in enumerate(texts):
        assert words(corpus, i) == corpus.tokenizer(text)


def test_the_number_of_processes_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(encoding, "CHUNK_BYTES", 20_000)
    random = np.random.default_rng(0)
    texts = [" ".join(f"w{i}" for i in random.zipf(1.5, n)) for n in (3, 5000, 0, 40_000, 10, 10)]
    documents = write(tmp_path / "d", train=texts, test=["w1 w2"])
    for workers in (1, 2):
        build_corpus(documents, tmp_path / f"c{workers}", workers=workers)
    for name in ("tokens.npy", "offsets.npy", "labels.npy", "vocab.safetensors", "corpus.json"):
        assert (tmp_path / "c1" / name).read_bytes() == (tmp_path / "c2" / name).read_bytes()


@pytest.mark.skipif("TEXTDL_DATA" not in os.environ, reason="needs TEXTDL_DATA")
def test_imdb(tmp_path):
    started = time.perf_counter()
    documents = read_documents(
        Path(os.environ["TEXTDL_DATA"]) / "imdb", tmp_path / "d", splits=["train", "unsupervised"]
    )
    corpus = build_corpus(documents, tmp_path / "c")
    print(f"raw text to corpus in {time.perf_counter() - started:.1f} s")
    assert len(corpus) == 75_000
    assert corpus.label_names == ["negative", "positive"]
    assert len(corpus.vocab) == 50_572 + len(SPECIALS)
    assert "don't" in corpus.vocab
    assert "br" not in corpus.vocab.words[:1000]


def test_documents_with_several_labels_come_back_from_disk(tmp_path):
    corpus = build_corpus(write(tmp_path / "d", train=["b a b", "a"]), tmp_path / "c", min_count=1)
    several = replace(corpus, labels=np.array([[1, 1], [0, 1]], np.int32), folder=None)
    several.save(tmp_path / "several")
    assert Corpus.load(tmp_path / "several").labels.tolist() == [[1, 1], [0, 1]]
    np.save(tmp_path / "several" / "labels.npy", np.array([[2, 0], [0, 1]], np.int32))
    with pytest.raises(InputError, match="a label without a name"):
        Corpus.load(tmp_path / "several")
