from itertools import pairwise

import numpy as np
import pytest
from classifiers.toy_corpora import review_corpus

from textdl.classifiers.augmentation import Augmentation, synonym_table
from textdl.errors import InputError
from textdl.text.vocab import UNKNOWN, Vocab
from textdl.vectors import Vectors

NOTHING = {"replace": 0.0, "insert": 0.0, "swap": 0.0, "delete": 0.0}


@pytest.fixture(scope="module")
def documents():
    """500 documents of 0 to 40 words, of which the odd ones, i, have synonyms 1000 + i and
    2000 + i."""
    random = np.random.default_rng(1)
    lengths = random.integers(0, 41, 500)
    tokens = random.integers(2, 1000, lengths.sum()).astype(np.int32)
    table = np.full((3000, 3), -1, np.int32)
    odd = np.arange(3, 1000, 2)
    table[odd, 0], table[odd, 1] = 1000 + odd, 2000 + odd
    return tokens, np.concatenate([[0], np.cumsum(lengths)]), table


def split(tokens, offsets):
    return [tokens[a:b].tolist() for a, b in pairwise(offsets)]


def augmented(texts, seed=1, epoch=0, **shares):
    tokens, offsets, table = texts
    augmentation = Augmentation(table, **{"documents": 1.0, **NOTHING, **shares})
    new_tokens, new_offsets = augmentation(tokens, offsets, seed=seed, epoch=epoch)
    assert new_tokens.dtype == np.int32
    assert len(new_offsets) == len(offsets)
    assert new_offsets[-1] == len(new_tokens)
    return split(new_tokens, new_offsets)


def test_words_are_replaced_by_their_synonyms(documents):
    before, after = split(*documents[:2]), augmented(documents, replace=0.3)
    pairs = [p for a, b in zip(before, after, strict=True) for p in zip(a, b, strict=True)]
    changed = [(a, b) for a, b in pairs if a != b]
    assert all(a % 2 and b in (1000 + a, 2000 + a) for a, b in changed)
    assert {b // 1000 for _, b in changed} == {1, 2}
    assert 0.27 < len(changed) / len(pairs) < 0.33
    for a, b in zip(before, augmented(documents, replace=1.0), strict=True):
        assert [x != y for x, y in zip(a, b, strict=True)] == [x % 2 == 1 for x in a]


def test_synonyms_are_inserted_anywhere(documents):
    before, after = split(*documents[:2]), augmented(documents, insert=0.4)
    places = []
    for a, b in zip(before, after, strict=True):
        assert [word for word in b if word < 1000] == a
        new = [word for word in b if word >= 1000]
        assert all(word % 1000 in a for word in new)
        places += [i / (len(b) - 1) for i, word in enumerate(b) if word >= 1000 and len(b) > 9]
    assert 0.36 < sum(map(len, after)) / sum(map(len, before)) - 1 < 0.42
    assert min(places) == 0
    assert max(places) == 1
    assert 0.45 < np.mean(places) < 0.55


def test_shares_are_those_of_all_words(documents):
    tokens, offsets, _ = documents
    few = np.full((1000, 1), -1, np.int32)
    few[4::4] = 1000
    for share, expected in ((0.1, 0.1), (0.9, 0.25)):
        for operation in ("replace", "insert"):
            after = augmented((tokens, offsets, few), **{operation: share})
            synonyms = sum(document.count(1000) for document in after)
            assert synonyms / len(tokens) == pytest.approx(expected, abs=0.015)


@pytest.mark.parametrize("length", [2, 6, 200])
def test_swapped_words_stay_in_their_document(length):
    tokens = np.tile(np.arange(2, length + 2, dtype=np.int32), 6000 // length)
    offsets = np.arange(0, 6001, length)
    after = augmented((tokens, offsets, None), swap=0.1)
    assert all(sorted(document) == list(range(2, length + 2)) for document in after)
    moved = np.mean(np.concatenate(after) != tokens)
    # A word moves unless neither it nor another one changes places with it.
    assert 0.16 < moved < 0.21


def test_a_single_word_stays(documents):
    tokens, offsets = np.arange(2, 50, dtype=np.int32), np.arange(49)
    assert augmented((tokens, offsets, None), swap=1.0) == split(tokens, offsets)


def test_deleted_words_are_gone_but_one_stays(documents):
    before, after = split(*documents[:2]), augmented(documents, delete=0.25)
    for a, b in zip(before, after, strict=True):
        left = iter(a)
        assert all(word in left for word in b)  # In their order.
        assert bool(a) == bool(b)
    assert 0.7 < sum(map(len, after)) / sum(map(len, before)) < 0.8
    single = augmented(documents, delete=1.0)
    assert all(len(b) == min(len(a), 1) for a, b in zip(before, single, strict=True))
    assert all(b[0] in a for a, b in zip(before, single, strict=True) if a)


def test_words_drop_out_everywhere(documents):
    after = augmented(documents, documents=0.0, dropout=0.2)
    words = [word for document in after for word in document]
    assert 0.17 < np.mean(np.array(words) == UNKNOWN) < 0.23


def test_one_operation_changes_a_share_of_the_documents(documents):
    before = split(*documents[:2])
    half = augmented(documents, documents=0.5, replace=1.0, delete=0.5)
    long = [(a, b) for a, b in zip(before, half, strict=True) if len(a) > 20]
    same = [a == b for a, b in long]
    replaced = [any(word >= 1000 for word in b) for _, b in long]
    deleted = [len(b) < len(a) for a, b in long]
    assert 0.4 < np.mean(same) < 0.6
    assert 0.15 < np.mean(replaced) < 0.35
    assert 0.15 < np.mean(deleted) < 0.35
    assert not any(r and d for r, d in zip(replaced, deleted, strict=True))


def test_is_a_function_of_seed_and_epoch(documents):
    shares = {"replace": 0.1, "insert": 0.1, "swap": 0.1, "delete": 0.1, "dropout": 0.1}
    tokens = documents[0].copy()
    first = augmented(documents, **shares)
    assert augmented(documents, **shares) == first
    assert augmented(documents, epoch=1, **shares) != first
    assert augmented(documents, seed=2, **shares) != first
    assert np.array_equal(documents[0], tokens)


def test_some_documents_of_many(documents):
    tokens, offsets, table = documents
    augmentation = Augmentation(table, documents=0.0)
    part, bounds = augmentation(tokens, offsets[100:201], seed=1, epoch=0)
    assert split(part, bounds) == split(tokens, offsets)[100:200]


def test_the_table_holds_synonyms_only():
    words = ["film", "films", "movie", "good", "bad", "great", "happy", "unhappy", "hub"]
    angles = [0, 1, 2, 90, 91, 93, 180, 181, 190]
    matrix = [[np.cos(np.radians(a)), np.sin(np.radians(a))] for a in angles]
    vocab = Vocab.from_counts({word: 100 - i for i, word in enumerate(words)} | {"rare": 1})
    table = synonym_table(vocab, Vectors(words, matrix), frequent=0, similarity=0.99)
    names = [*vocab.words]
    found = {word: [names[j] for j in table[i] if j >= 0] for i, word in enumerate(names)}
    assert found["film"] == ["movie"]
    assert found["films"] == ["movie"]
    assert found["movie"] == ["films", "film"]
    assert found["good"] == ["great"]
    assert found["great"] == ["bad", "good"]
    assert found["happy"] == found["hub"] == found["rare"] == found["<unk>"] == []
    assert table.dtype == np.int32
    assert table.shape == (12, 5)


def test_similarity_must_be_mutual():
    words = ["near", "other", "third", "far"]
    angles = [0, 3, 8, 20]
    matrix = [[np.cos(np.radians(a)), np.sin(np.radians(a))] for a in angles]
    vocab = Vocab.from_counts(dict.fromkeys(words, 1))
    table = synonym_table(vocab, Vectors(words, matrix), frequent=0, top=1)
    assert (table[[vocab.words.find(word) for word in ("third", "far")]] == -1).all()
    assert table[vocab.words.find("near"), 0] == vocab.words.find("other")


def test_frequent_words_have_and_are_none():
    corpus = review_corpus()
    words = list(corpus.vocab.words[2:])
    vectors = Vectors(words, np.ones((len(words), 2)))
    table = synonym_table(corpus.vocab, vectors, frequent=10)
    assert (table[:12] == -1).all()
    assert table.max() >= 12
    assert not np.isin(table, np.arange(12)).any()


def test_what_can_not_be():
    with pytest.raises(InputError, match=r"swap is 1\.5: a share is between 0 and 1"):
        Augmentation(**{**NOTHING, "swap": 1.5})
    with pytest.raises(InputError, match="replace and insert need synonyms"):
        Augmentation()
    vocab = Vocab.from_counts({"one": 1})
    with pytest.raises(InputError, match="none of the 1 vectors belongs to a word"):
        synonym_table(vocab, Vectors(["other"], [[1.0]]), frequent=0)
