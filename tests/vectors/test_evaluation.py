import numpy as np
import pytest

from textdl.errors import InputError
from textdl.vectors import Vectors
from textdl.vectors.evaluation import evaluate_analogies, evaluate_similarity, evaluation_file


@pytest.fixture(scope="module")
def public():
    """Random vectors, with planted offsets, for two thirds of the words of the public sets."""
    text = evaluation_file("google-analogies").read_text("utf-8").lower()
    text += evaluation_file("wordsim353").read_text("utf-8").lower()
    words = sorted({w for w in text.split() if w.isalpha()})
    random = np.random.default_rng(1)
    random.shuffle(words)
    words = words[: len(words) * 2 // 3]
    matrix = random.normal(size=(len(words), 8)).astype(np.float32)
    return Vectors(words, matrix)


@pytest.fixture(scope="module")
def peer(public):
    keyed = pytest.importorskip("gensim.models").KeyedVectors(public.dim)
    keyed.add_vectors(list(public.words), public.matrix)
    return keyed


@pytest.mark.parametrize("name", ["wordsim353", "simlex999"])
def test_similarity_equals_gensims(public, peer, name):
    ours = evaluate_similarity(public, name)
    _, (rho, _), unknown = peer.evaluate_word_pairs(str(evaluation_file(name)))
    assert ours.rho == pytest.approx(rho, abs=1e-6)
    assert 100 * (1 - ours.coverage) == pytest.approx(unknown)
    assert 0 < ours.used < ours.total


@pytest.mark.parametrize("restrict", [None, 300])
def test_analogies_equal_gensims(public, peer, restrict):
    ours = evaluate_analogies(public, "google-analogies", restrict=restrict)
    path = str(evaluation_file("google-analogies"))
    _, sections = peer.evaluate_word_analogies(path, restrict_vocab=restrict or 300_000)
    for theirs in sections[:-1]:
        score = ours.sections[theirs["section"]]
        assert score.correct == len(theirs["correct"])
        assert score.used == len(theirs["correct"]) + len(theirs["incorrect"])
    assert ours.total.total == 19_544
    assert ours.semantic.total + ours.syntactic.total == 19_544
    assert ours.total.used > 0
    assert restrict or ours.total.correct > 0


def test_offset_top_ties_and_case(tmp_path):
    file = tmp_path / "q.txt"
    file.write_text(": royal\nMan King Woman Queen\nman king woman duke\n: gram1\nman x king y\n")
    words = ["man", "King", "woman", "queen", "duke"]
    vectors = Vectors(words, [[1, 0, 0], [1, 0, 1], [0, 1, 0], [0, 1, 1], [0, 0.5, 1]])
    score = evaluate_analogies(vectors, file)
    assert (score.semantic.correct, score.semantic.used) == (1, 2)
    assert (score.syntactic.used, score.syntactic.total) == (0, 1)
    assert evaluate_analogies(vectors, file, top=2).total.correct == 2
    assert evaluate_analogies(vectors, file, restrict=4).total.used == 1
    same = Vectors(words, np.zeros((5, 3)))
    assert evaluate_analogies(same, file).total.correct == 0


@pytest.mark.parametrize("text", ["a\tb\n", "# words\na\tb\t1\nc\td\tx\n"])
def test_bad_pairs_name_the_line(tmp_path, text):
    file = tmp_path / "pairs.tsv"
    file.write_text(text)
    line = text.count("\n")
    with pytest.raises(InputError, match=f"pairs.tsv, line {line}: expected two words"):
        evaluate_similarity(Vectors(["a"], [[1]]), file)


@pytest.mark.parametrize(
    ("text", "message"),
    [("a b c d\n", "line 1: expected a section"), (": s\na b\n", "line 2: expected four words")],
)
def test_bad_questions_name_the_line(tmp_path, text, message):
    file = tmp_path / "q.txt"
    file.write_text(text)
    with pytest.raises(InputError, match=message):
        evaluate_analogies(Vectors(["a"], [[1]]), file)


def test_missing_and_empty_files(tmp_path):
    with pytest.raises(InputError, match="wordsim353"):
        evaluation_file("wordsim354")
    (tmp_path / "empty").touch()
    with pytest.raises(InputError, match="no pairs"):
        evaluate_similarity(Vectors(["a"], [[1]]), tmp_path / "empty")
    with pytest.raises(InputError, match="no questions"):
        evaluate_analogies(Vectors(["a"], [[1]]), tmp_path / "empty")
