import numpy as np
import pytest

from textdl import InputError, Vectors
from textdl.text.synthetic import TRUTH
from textdl.vectors import UnknownWordError
from textdl.vectors.axes import units
from textdl.vectors.synonyms import reciprocal_ranks, stems, synonyms


def near(words, spread=0.3, counts=None):
    """Vectors so that each word is a little further from the first than the one before."""
    angles = np.linspace(0, spread, len(words))
    matrix = np.stack([np.cos(angles), np.sin(angles)], 1)
    return Vectors(words, matrix, None if counts is None else np.array(counts))


@pytest.mark.parametrize(
    "forms",
    [
        "film films film's Films FILM filming filmed",
        "city cities City",
        "happy happier happiest happily",
        "make makes making maker",
        "stop stops stopped stopping",
        "nice nicer nicest nicely",
        "box boxes boxing",
        "simple simply simpler",
        "carry carried carries carrying",
        "big bigger biggest",
    ],
)
def test_forms_of_a_word_are_one(forms):
    forms = forms.split()
    for form in forms[1:]:
        assert stems(form) & stems(forms[0]), form


@pytest.mark.parametrize(
    "words",
    [
        ("film", "filth"),
        ("plan", "planes"),
        ("car", "care"),
        ("glass", "glas"),
        ("bus", "bu"),
        ("story", "store"),
        ("red", "r"),
        ("thing", "the"),
        ("part", "party"),
        ("movie", "film"),
        ("日本", "日"),
    ],
)
def test_words_that_only_look_alike_are_two(words):
    assert not stems(words[0]) & stems(words[1])


def test_forms_are_folded_into_the_most_frequent():
    words = ["film", "films", "Film", "filming", "movies", "movie", "Movie", "picture"]
    assert synonyms(near(words), "film").words == ["movies", "picture"]
    counted = near(words, counts=[9, 9, 9, 9, 2, 7, 1, 1])
    assert synonyms(counted, "film").words == ["movie", "picture"]


@pytest.mark.parametrize(
    ("word", "opposite"),
    [
        ("good", "bad"),
        ("bad", "good"),
        ("hotter", "cold"),
        ("happy", "unhappy"),
        ("unhappy", "happy"),
        ("possible", "impossible"),
        ("Regular", "irregular"),
        ("likes", "disliked"),
        ("fiction", "non-fiction"),
        ("careful", "careless"),
        ("careless", "carefully"),
    ],
)
def test_opposites_come_last_and_are_named(word, opposite):
    found = synonyms(near([word, opposite, "alike", "similar"]), word)
    assert found.words == ["alike", "similar", opposite]
    assert found.doubtful == [opposite]
    assert repr(found).splitlines()[2].endswith("opposite?")
    assert repr(found).count("opposite?") == 1
    cut = synonyms(near([word, opposite, "alike", "similar"]), word, top=2)
    assert cut.words == ["alike", "similar"]
    assert cut.doubtful == [opposite]


def test_reciprocal_ranks_are_those_of_a_full_sort():
    matrix = np.random.default_rng(10).normal(size=(300, 6))
    vectors = Vectors([f"w{i}" for i in range(300)], matrix)
    rows = vectors.words.find_all(vectors.neighbors("w7", top=40).words)
    every = units(vectors, list(vectors.words))
    found = reciprocal_ranks(vectors, rows, every[rows] @ every[7], 7)
    for row, rank in zip(rows, found, strict=True):
        order = [i for i in np.argsort(-(every @ every[row])).tolist() if i != row]
        assert order.index(7) + 1 == rank


def test_a_word_that_is_near_to_everything_comes_after_a_mate():
    random = np.random.default_rng(11)
    query, mate, hub = np.eye(20)[0], np.eye(20)[0] + np.eye(20)[1], np.eye(20)[0]
    hub = hub + 0.93 * np.eye(20)[2]
    crowd = hub + 0.1 * random.normal(size=(100, 20))
    words = ["query", "hub", "mate", *(f"c{i}x" for i in range(100))]
    vectors = Vectors(words, np.vstack([query, hub, mate, crowd]))
    assert vectors.neighbors("query", top=102).words.index("mate") > 3
    found = synonyms(vectors, "query", candidates=102)
    assert found.words[0] == "mate"
    assert found.scores[0] == pytest.approx(vectors.similarity("query", "mate"), rel=1e-5)
    assert (np.diff(found.scores) <= 0).all()


def test_planted_synonyms_are_found_more_often_than_among_neighbours():
    vectors = planted()
    plain = precision(lambda word: vectors.neighbors(word, top=3).words, vectors)
    found = precision(lambda word: synonyms(vectors, word, top=3).words, vectors)
    assert plain < 0.7
    assert found > plain + 0.15


def planted():
    """Synonyms near each other, the words' own forms nearer, opposites too."""
    random = np.random.default_rng(12)
    rows = {}
    for group in TRUTH.synonyms[::3]:
        centre = random.normal(size=50)
        for word in group:
            rows[word] = centre + 0.6 * random.normal(size=50)
    for word in list(rows):
        rows[word + "'s"] = rows[word] + 0.3 * random.normal(size=50)
        rows["un" + word] = rows[word] + 0.6 * random.normal(size=50)
    return Vectors(list(rows), list(rows.values()))


def precision(answer, vectors):
    """The share of the answers that are mates, of as many answers as a word has mates, at most 3"""
    right = total = 0
    for group in TRUTH.synonyms[::3]:
        for word in group:
            found = answer(word)[: len(group) - 1]
            right += len(set(found) & set(group))
            total += len(found)
    return right / total


def test_edges_of_synonyms():
    vectors = near(["film", "films", "movie"])
    assert synonyms(vectors, "film", top=99, candidates=99).words == ["movie"]
    assert synonyms(near(["film"]), "film").words == []
    assert repr(synonyms(near(["film"]), "film")) == ""
    with pytest.raises(UnknownWordError):
        synonyms(vectors, "flim")
    with pytest.raises(InputError, match="top"):
        synonyms(vectors, "film", top=0)
