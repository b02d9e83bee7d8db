import pickle

import pytest
import sentencepiece
from hypothesis import given, settings
from hypothesis import strategies as st

from textdl.errors import InputError
from textdl.text import build_corpus
from textdl.text.documents import DocumentsWriter
from textdl.text.pieces import train_bpe
from textdl.text.tokenizers import BpeTokenizer, tokenizer_from_settings
from textdl.text.vocab import SPECIALS, UNKNOWN

TEXTS = [f"the quick brown fox jumps over the lazy dog number {i}" for i in range(300)]


def write(folder, *texts):
    with DocumentsWriter(folder) as writer:
        for text in texts:
            writer.add(text)
        return writer.close([], {"source": "test"})


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    return write(tmp_path_factory.mktemp("d"), *TEXTS)


@pytest.fixture(scope="module")
def tokenizer(documents):
    return train_bpe(documents, vocab_size=400)


def test_training_is_deterministic_and_quiet(documents, tokenizer, capfd):
    assert train_bpe(documents, vocab_size=400) == tokenizer
    assert capfd.readouterr() == ("", "")


def test_pieces(tokenizer):
    assert len(tokenizer.pieces) == 400 - len(SPECIALS)
    assert not set(SPECIALS) & set(tokenizer.pieces)
    assert tokenizer("the fox") == ["▁the", "▁fox"]
    assert tokenizer("") == tokenizer(" \n") == []
    assert tokenizer("the fox\n") == tokenizer("the<br />fox") == tokenizer("the fox")


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=40))
def test_no_text_has_an_unknown_piece(tokenizer, text):
    assert set(tokenizer(text)) <= set(tokenizer.pieces)


@settings(deadline=None, max_examples=200)
@given(st.text("thequick brown  fox\t▁é☃中", max_size=30))
def test_dropout_that_drops_nothing_cuts_as_sentencepiece(tokenizer, text):
    assert BpeTokenizer(tokenizer.model, 1e-300)(text) == tokenizer(text)


def test_dropout_is_reproducible(tokenizer):
    one, two = (BpeTokenizer(tokenizer.model, 0.5, seed) for seed in (1, 2))
    forwards = [one(text) for text in TEXTS]
    copy = pickle.loads(pickle.dumps(one))  # noqa: S301 - made right here
    assert [copy(text) for text in reversed(TEXTS)] == forwards[::-1]
    assert [two(text) for text in TEXTS] != forwards
    assert "".join(forwards[0]) == "".join(tokenizer(TEXTS[0]))
    assert forwards[0] != tokenizer(TEXTS[0])


def test_settings_and_folders_bring_it_back(tokenizer, tmp_path):
    dropping = BpeTokenizer(tokenizer.model, 0.1, 3)
    assert tokenizer_from_settings(dropping.settings()) == dropping
    assert hash(tokenizer_from_settings(dropping.settings())) == hash(dropping)
    dropping.save(tmp_path)
    assert BpeTokenizer.load(tmp_path) == dropping
    model = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "bpe.model"))
    assert model.encode("the fox", out_type=str) == tokenizer("the fox")
    (tmp_path / "bpe.model").write_bytes(b"nothing")
    with pytest.raises(InputError, match="not a complete BPE tokenizer"):
        BpeTokenizer.load(tmp_path)
    with pytest.raises(InputError, match="kind 'bpe'"):
        tokenizer_from_settings({"kind": "bpe", "model": "!"})


def test_sizes_that_do_not_suit_the_text(documents):
    with pytest.raises(InputError, match=r"vocab_size: the text has at most \d+ pieces, not 8000"):
        train_bpe(documents)
    with pytest.raises(InputError, match=r"characters and bytes alone are \d+ pieces, more than 9"):
        train_bpe(documents, vocab_size=9)


@pytest.mark.parametrize("texts", [[""], ["\n", " "], []])
def test_no_text(tmp_path, texts):
    with pytest.raises(InputError, match="no text in train"):
        train_bpe(write(tmp_path, "", *texts))


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("a" * 100_000, 262),
        ("中文" * 30_000, 262),
        ("tiny", 264),
        ("x\0<pad>y<unk>" * 9000, 275),
    ],
)
def test_odd_corpora(tmp_path, text, size):
    documents = write(tmp_path, text)
    tokenizer = train_bpe(documents, vocab_size=size, character_coverage=1.0)
    assert set(tokenizer(text[:5000])) <= set(tokenizer.pieces)
    assert len({*tokenizer.pieces, *SPECIALS}) == size


def test_a_document_longer_than_a_sentence_may_be_is_learned_from(tmp_path):
    long = write(tmp_path / "long", " ".join(TEXTS * 200))
    assert train_bpe(long, vocab_size=400)("quick fox") == ["▁quick", "▁fox"]
    small = train_bpe(long, vocab_size=400, sample_bytes=100_000)
    assert small == train_bpe(long, vocab_size=400, sample_bytes=100_000)


def test_a_corpus_has_every_piece(documents, tokenizer, tmp_path):
    corpus = build_corpus(documents, tmp_path / "c", tokenizer=tokenizer, min_count=5)
    words = corpus.vocab.words[len(SPECIALS) :]
    assert sorted(words) == sorted(tokenizer.pieces)
    counts = corpus.vocab.counts.tolist()
    assert counts[2:] == sorted(counts[2:], reverse=True)
    assert counts[UNKNOWN] == 0
    assert sum(counts) == len(corpus.tokens)
    with pytest.raises(InputError, match="max_size"):
        build_corpus(documents, tmp_path / "e", tokenizer=tokenizer, max_size=9)


def test_without_byte_fallback_a_new_character_is_unknown(documents, tmp_path):
    tokenizer = train_bpe(documents, vocab_size=150, byte_fallback=False)
    other = write(tmp_path / "d", "the ☃ fox")
    corpus = build_corpus(other, tmp_path / "c", tokenizer=tokenizer)
    assert corpus.vocab.counts[UNKNOWN] == 1
    assert len(corpus.vocab) == len(tokenizer.pieces) + len(SPECIALS)
