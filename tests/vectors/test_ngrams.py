import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textdl.errors import InputError
from textdl.packed import PackedStrings
from textdl.vectors.ngrams import Ngrams

LONG = [
    [864258987, 1819692776, 1275840590, 508271945],
    [192755815, 1457698255, 1943595969, 234835710],
    [2078995926, 858375013, 306871163, 290451589],
    [1936824295, 1887715367, 1175098013, 606686260],
    [397024955, 1520926719, 1201202982, 572497767],
    [519361175, 407961967, 1312351930, 1270757046],
]
ODD = [
    "a",
    "",
    "naïve",
    "n\u0308a\u0308",
    "日本語",
    "🙂👩‍👩‍👧",
    "שלום",
    "مرحبا",
    "a b",
    "x\0y",
    "</s>",
    "<s>",
    "é",
]
TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("ab日🙂\u0301<>"))


def fnv(data):
    h = 2166136261
    for byte in data:
        h = (h ^ (byte | 0xFFFFFF00 if byte > 127 else byte)) * 16777619 % 2**32
    return h


def slow_ngrams(word, min_n, max_n):
    marked = f"<{word}>"
    if word == "</s>":
        return []
    return [
        marked[i : i + n]
        for i in range(len(marked))
        for n in range(max(min_n, 1), min(max_n, len(marked) - i) + 1)
        if not (n == 1 and i in (0, len(marked) - 1))
    ]


def split(rows, offsets):
    return [part.tolist() for part in np.split(rows, offsets[1:-1])]


@given(st.lists(TEXT, min_size=1), st.integers(0, 4), st.integers(0, 7), st.integers(1, 3000))
@settings(deadline=None)
def test_rows_are_those_of_the_definition(words, min_n, max_n, bucket):
    rows, offsets = Ngrams(min_n, max_n, bucket).rows(words)
    assert (rows.dtype, offsets.dtype) == (np.int32, np.int64)
    expected = [
        [fnv(part.encode()) % bucket for part in slow_ngrams(word, min_n, max_n)] for word in words
    ]
    assert split(rows, offsets) == expected


@pytest.mark.parametrize(("min_n", "max_n"), [(3, 6), (2, 2), (1, 3)])
def test_rows_are_gensims(min_n, max_n):
    hashes = pytest.importorskip("gensim.models.fasttext").ft_ngram_hashes
    for word in ODD:
        if word != "</s>" and min_n > 1:  # gensim takes "<" and ">" alone for n-grams.
            rows, _ = Ngrams(min_n, max_n, 1000).rows([word])
            assert rows.tolist() == hashes(word, min_n, max_n, 1000)


def test_rows_are_fasttexts(tmp_path):
    fasttext = pytest.importorskip("fasttext")
    (tmp_path / "text").write_text("one two three\n" * 9, "utf-8")
    for min_n, max_n in ((3, 6), (1, 2), (4, 4)):
        model = fasttext.train_unsupervised(
            str(tmp_path / "text"), minCount=1, minn=min_n, maxn=max_n, bucket=999, dim=10, epoch=0,
            thread=2, verbose=0,
        )  # fmt: skip
        known = len(model.get_words())
        for word in ODD:
            _, ids = model.get_subwords(word)
            rows, _ = Ngrams(min_n, max_n, 999).rows([word])
            own = [0] if model.get_word_id(word) >= 0 else []
            assert rows.tolist() == [i - known for i in ids[len(own) :].tolist()]


def test_rows_are_florets():
    # As floret 0.10.5 has them: the whole word first, then its n-grams, two rows for each.
    rows, offsets = Ngrams(3, 6, 50, "floret", 2).rows(["the", "日本語", "x", "</s>"])
    assert split(rows, offsets) == [
        [38, 28, 23, 46, 12, 3, 38, 28, 19, 13, 44, 0, 30, 12],
        [6, 43, 39, 38, 42, 21, 6, 43, 44, 43, 33, 4, 0, 47],
        [24, 17, 24, 17],
        [],
    ]


def test_florets_hash_of_a_long_word_has_blocks_and_a_tail():
    # <…> has 16, 17, 24, 31, 32 and 33 bytes; values of mmh3.hash64(…, 2166136261).
    rows, _ = Ngrams(0, 0, 2**31 - 1, "floret", 4).rows(["w" * n for n in (14, 15, 22, 29, 30, 31)])
    assert rows.reshape(6, 4).tolist() == LONG


def test_packed_words_and_blocks_give_the_same_rows():
    words = PackedStrings.pack([*ODD, *(f"word{i}" for i in range(300_000))])
    ngrams = Ngrams(2, 3, 5000)
    rows, offsets = ngrams.rows(words)
    assert len(offsets) == len(words) + 1
    assert offsets[-1] == len(rows)
    assert len(list(ngrams.blocks(words))) > 1
    for i in (0, 4, 200, 150_000, len(words) - 1):
        alone, _ = ngrams.rows([words[i]])
        np.testing.assert_array_equal(rows[offsets[i] : offsets[i + 1]], alone)


def test_long_words():
    word = "日x" * 200_000
    rows, offsets = Ngrams(3, 6).rows(["a", word, "b"])
    n = len(word) + 2
    assert np.diff(offsets)[1] == sum(n - k + 1 for k in (3, 4, 5, 6))
    assert rows[offsets[1]] == fnv("<日x".encode()) % 2_000_000


@pytest.mark.parametrize("mode", ["fasttext", "floret"])
def test_no_words_have_no_rows(mode):
    rows, offsets = Ngrams(mode=mode).rows([])
    assert (rows.tolist(), offsets.tolist()) == ([], [0])


def test_without_ngrams_no_buckets_are_needed():
    for ngrams in (Ngrams(0, 0, 0), Ngrams(3, 2, 0), Ngrams(3, 0, 10)):
        assert not ngrams.has_rows
        rows, offsets = ngrams.rows(["one", "two"])
        assert (len(rows), offsets.tolist()) == (0, [0, 0, 0])


def test_a_lone_surrogate_is_hashed_too():
    assert len(Ngrams().rows(["a\ud800"])[0]) == 3


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"bucket": 0}, "bucket is 0"),
        ({"min_n": -1}, "no negative"),
        ({"mode": "other"}, "mode is fasttext or floret"),
        ({"hash_count": 2}, "hash_count of 2"),
        ({"hash_count": 5, "mode": "floret"}, "hash_count of 5"),
    ],
)
def test_settings_out_of_range(setting, message):
    with pytest.raises(InputError, match=message):
        Ngrams(**setting)
