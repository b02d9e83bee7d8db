import numpy as np
import pytest
from gensim.models.phrases import Phrases

from textdl.errors import InputError
from textdl.progress import Silent
from textdl.text import Corpus, build_corpus, find_phrases, train_bpe
from textdl.text.documents import DocumentsWriter
from textdl.text.phrases import BLOCK
from textdl.text.tokenizers import PhraseTokenizer, WordTokenizer
from textdl.text.vocab import UNKNOWN

WORDS = np.array(["new", "york", "times", "bank", "of", "america", "a_b", "été", "the", "and"])


def texts(n=400):
    random = np.random.default_rng(1)
    found = []
    for i in range(n):
        words = random.choice(WORDS, 8).tolist()
        words[2:2] = ["new", "york", "times"] if i % 2 else ["bank", "of", "america"]
        words.insert(9, f"rare{i}")
        found.append(" ".join(words))
    return [*found, "", "new"]


def write(folder, *texts, **splits):
    with DocumentsWriter(folder) as writer:
        for split, rows in {"train": texts, **splits}.items():
            writer.begin_split(split)
            for text in rows:
                writer.add(text)
        return writer.close([], {"source": "test"})


def sentences(corpus, rows=None):
    """Runs of known words."""
    for i in rows or range(len(corpus)):
        run = []
        for token in corpus.document(i).tolist():
            if token == UNKNOWN:
                yield run
                run = []
            else:
                run.append(corpus.vocab.words[token])
        yield run


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    return write(tmp_path_factory.mktemp("d"), *texts(), test=["new york rare new_york"])


@pytest.fixture(scope="module")
def corpus(documents, tmp_path_factory):
    return build_corpus(documents, tmp_path_factory.mktemp("c"))


def decoded(corpus, i):
    return [corpus.vocab.words[t] for t in corpus.document(i).tolist()]


SETTINGS = [
    {"threshold": 0.03},
    {"threshold": 0.03, "connectors": ["of", "the"]},
    {"threshold": 0.2, "scoring": "npmi", "connectors": ["of"]},
    {"threshold": 0.03, "min_count": 60},
    {"threshold": 0.03, "delimiter": "\N{MIDDLE DOT}"},
]


@pytest.mark.parametrize("passes", [1, 2])
@pytest.mark.parametrize("settings", SETTINGS)
def test_phrases_are_those_of_gensim(corpus, tmp_path, settings, passes):
    joined = find_phrases(corpus, tmp_path, splits=["train"], passes=passes, **settings)
    train = list(sentences(corpus, corpus.splits["train"]))
    expected = list(sentences(corpus))
    arguments = {"min_count": 5, **settings}
    arguments["connector_words"] = frozenset(arguments.pop("connectors", []))
    for _ in range(passes):
        model = Phrases(train, **arguments)
        train = [model[s] if s else [] for s in train]
        expected = [model[s] if s else [] for s in expected]
    assert any(arguments.get("delimiter", "_") in w and w != "a_b" for s in train for w in s)
    assert [s for s in sentences(joined) if s] == [s for s in expected if s]


@pytest.mark.parametrize("passes", [1, 2])
def test_the_tokenizer_joins_what_the_corpus_joined(documents, corpus, tmp_path, passes):
    joined = find_phrases(corpus, tmp_path, threshold=0.03, passes=passes, connectors=["of"])
    assert isinstance(joined.tokenizer, PhraseTokenizer)
    for i in range(len(texts())):
        ids = joined.vocab.encode(joined.tokenizer(documents.texts[i]))
        np.testing.assert_array_equal(ids, joined.document(i))
    counts = np.bincount(joined.tokens[: joined.tokens_in(["train"])], minlength=len(joined.vocab))
    np.testing.assert_array_equal(counts, joined.vocab.counts)
    loaded = Corpus.load(tmp_path)
    assert loaded.tokenizer == joined.tokenizer
    np.testing.assert_array_equal(loaded.tokens, joined.tokens)
    assert loaded.splits == corpus.splits


def test_two_passes_are_two_corpora(corpus, tmp_path):
    twice = find_phrases(corpus, tmp_path / "twice", threshold=0.03, passes=2)
    first = find_phrases(corpus, tmp_path / "first", threshold=0.03)
    second = find_phrases(first, tmp_path / "second", threshold=0.03)
    assert second.tokenizer == twice.tokenizer
    np.testing.assert_array_equal(second.tokens, twice.tokens)


def test_words_that_joining_made_rare_stay_and_those_it_used_up_go(tmp_path):
    documents = write(tmp_path / "d", *["x new york y", "z"] * 20, "new", test=["york york"])
    corpus = build_corpus(documents, tmp_path / "c")
    joined = find_phrases(corpus, tmp_path / "p", threshold=0.1, min_count=6)
    assert decoded(joined, 0) == ["x_new", "york_y"]
    assert decoded(joined, 40) == ["new"]
    assert decoded(joined, 41) == ["<unk>", "<unk>"]
    assert joined.vocab.counts.tolist() == [0, 0, 20, 20, 20, 1]


def test_a_document_longer_than_a_block_is_joined_across_its_pieces(tmp_path):
    documents = write(tmp_path / "d", "odd " + "new york " * BLOCK, "odd x " * 20_000)
    corpus = build_corpus(documents, tmp_path / "c")
    joined = find_phrases(corpus, tmp_path / "p", threshold=0.9, scoring="npmi")
    ids = joined.vocab.encode(joined.tokenizer(documents.texts[0]))
    np.testing.assert_array_equal(ids, joined.document(0))
    assert len(joined.document(0)) < 2 * BLOCK


def test_nothing_to_join(corpus, tmp_path):
    notes = []

    class Notes(Silent):
        def note(self, text):
            notes.append(text)

    same = find_phrases(corpus, tmp_path, threshold=1e9, progress=Notes())
    assert "no phrases found" in notes[0]
    assert same.tokenizer == WordTokenizer()
    assert list(same.vocab.words) == list(corpus.vocab.words)
    np.testing.assert_array_equal(same.tokens, corpus.tokens)
    np.testing.assert_array_equal(same.offsets, corpus.offsets)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"scoring": "npmi", "threshold": 1.5}, "between -1 and 1"),
        ({"threshold": 0.0}, "above 0"),
        ({"threshold": float("nan")}, "threshold"),
        ({"delimiter": ""}, "delimiter"),
        ({"connectors": ["a_b"]}, "contains the delimiter"),
        ({"min_count": 0}, "min_count"),
        ({"splits": ["dev"]}, "no split 'dev'"),
    ],
)
def test_bad_settings(corpus, tmp_path, settings, message):
    with pytest.raises(InputError, match=message):
        find_phrases(corpus, tmp_path, **settings)


def test_pieces_and_its_own_folder_are_refused(documents, corpus, tmp_path):
    with pytest.raises(InputError, match="lies there"):
        find_phrases(corpus, corpus.folder)
    bpe = train_bpe(documents, vocab_size=300)
    pieces = build_corpus(documents, tmp_path / "c", tokenizer=bpe)
    with pytest.raises(InputError, match="BPE pieces"):
        find_phrases(pieces, tmp_path / "p")
