import numpy as np
import pytest

from textdl.errors import InputError
from textdl.vectors import Vectors, evaluate
from textdl.vectors.evaluation.files import evaluation_file


@pytest.fixture(scope="module")
def public():
    """Random vectors for two thirds of the words of the public sets, some of them in two
    spellings."""
    text = evaluation_file("google-analogies").read_text("utf-8")
    text += evaluation_file("wordsim353").read_text("utf-8")
    words = sorted({w for w in text.split() if w.isalpha()})
    random = np.random.default_rng(1)
    random.shuffle(words)
    words = words[: len(words) * 2 // 3]
    words += [word.upper() for word in words[::5] if word.upper() not in words]
    matrix = random.normal(size=(len(words), 8)).astype(np.float32)
    return Vectors(words, matrix)


@pytest.fixture(scope="module")
def peer(public):
    keyed = pytest.importorskip("gensim.models").KeyedVectors(public.dim)
    keyed.add_vectors(list(public.words), public.matrix)
    return keyed


@pytest.mark.parametrize("name", ["wordsim353", "simlex999"])
def test_similarity_equals_gensims(public, peer, name):
    ours = evaluate.similarity(public, name)
    (pearson, _), (rho, _), unknown = peer.evaluate_word_pairs(str(evaluation_file(name)))
    assert ours.rho == pytest.approx(rho, abs=1e-6)
    assert ours.pearson == pytest.approx(pearson, abs=1e-6)
    assert 100 * (1 - ours.coverage) == pytest.approx(unknown)
    assert 0 < ours.used < ours.total


@pytest.mark.parametrize("restrict", [None, 300])
@pytest.mark.parametrize("unknown", ["skip", "wrong"])
def test_analogies_equal_gensims(public, peer, restrict, unknown):
    ours = evaluate.analogies(public, "google-analogies", restrict=restrict, unknown=unknown)
    _, sections = peer.evaluate_word_analogies(
        str(evaluation_file("google-analogies")),
        restrict_vocab=restrict or 300_000,
        dummy4unknown=unknown == "wrong",
    )
    for theirs in sections[:-1]:
        score = ours.sections[theirs["section"]]
        assert score.correct == len(theirs["correct"])
        assert score.used == len(theirs["correct"]) + len(theirs["incorrect"])
    assert ours.total.total == 19_544
    assert ours.semantic.total + ours.syntactic.total == 19_544
    assert ours.syntactic.total == 10_675
    assert ours.total.used > 0
    assert restrict or ours.total.correct > 0


def test_both_methods_at_once(public):
    both = evaluate.analogies(public, "google-analogies", method="both")
    assert both.mul is not None
    assert both.sections == evaluate.analogies(public, "google-analogies").sections
    assert both.mul == evaluate.analogies(public, "google-analogies", method="mul")
    assert both.mul.sections != both.sections


def test_offset_top_ties_and_case(tmp_path):
    file = tmp_path / "q.txt"
    file.write_text(": royal\nMan King Woman Queen\nman king woman duke\n: gram1\nman x king y\n")
    words = ["man", "King", "woman", "queen", "duke"]
    vectors = Vectors(words, [[1, 0, 0], [1, 0, 1], [0, 1, 0], [0, 1, 1], [0, 0.5, 1]])
    score = evaluate.analogies(vectors, file)
    assert (score.semantic.correct, score.semantic.used) == (1, 2)
    assert (score.syntactic.used, score.syntactic.total) == (0, 1)
    assert evaluate.analogies(vectors, file, top=2).total.correct == 2
    assert evaluate.analogies(vectors, file, restrict=4).total.used == 1
    assert evaluate.analogies(vectors, file, unknown="wrong").total.used == 3
    same = evaluate.analogies(Vectors(words, np.zeros((5, 3))), file)
    assert same.total.correct == 1  # the first row that was not given


def test_any_answer_of_bats_is_right(tmp_path):
    folder = tmp_path / "BATS" / "1_Inflectional_morphology"
    folder.mkdir(parents=True)
    (folder / "I01 [noun].txt").write_text("cat\tcats/felines\ndog\thounds/dogs\n")
    words = ["cat", "cats", "dog", "hounds", "dogs", "other"]
    rows = [[1, 0, 0], [1, 0, 1], [0, 1, 0], [0, 0, -1], [0, 1, 1], [1, -1, -1]]
    vectors = Vectors(words, rows)
    score = evaluate.analogies(vectors, tmp_path / "BATS")
    # cat : cats = dog : dogs, though hounds is the first answer; dog : hounds = cat : other.
    assert score.total.total == score.total.used == score.syntactic.total == 2
    assert score.total.correct == 1
    assert list(score.sections) == ["1_Inflectional_morphology/I01 [noun]"]
    assert score.categories == {"1_Inflectional_morphology": score.total}


def test_unknown_words_are_composed_if_wanted(tmp_path):
    class Ones:
        def compose(self, word, find, matrix):
            return np.ones(2, np.float32) if word == "unknown" else None

    (tmp_path / "p").write_text("a\tb\t1\na\tUnknown\t3\na\tnever\t2\n")
    vectors = Vectors(["a", "b"], [[1, 0], [0, 1]], composition=Ones())
    assert evaluate.similarity(vectors, tmp_path / "p").used == 1
    score = evaluate.similarity(vectors, tmp_path / "p", unknown="compose")
    assert (score.used, score.coverage) == (2, 2 / 3)
    assert score.rho == pytest.approx(1)


def test_scores_print_as_tables(tmp_path):
    (tmp_path / "q").write_text(": meaning\na b c d\na b c x\n: gram1\na b c d\n")
    (tmp_path / "p").write_text("a\tb\t1\na\tc\t2\na\tx\t2\n")
    vectors = Vectors(list("abcd"), [[1, 0, 0], [1, 0, 1], [0, 1, 0], [0, 1, 1]])
    score = evaluate.analogies(vectors, tmp_path / "q", method="both")
    assert repr(score).splitlines() == [
        "           3CosAdd  3CosMul  used  total",
        "meaning     100.0%   100.0%     1      2",
        "gram1       100.0%   100.0%     1      1",
        "semantic    100.0%   100.0%     1      2",
        "syntactic   100.0%   100.0%     1      1",
        "total       100.0%   100.0%     2      3",
    ]
    assert repr(score.mul).splitlines()[0].split() == ["accuracy", "used", "total"]
    assert repr(evaluate.similarity(vectors, tmp_path / "p")).splitlines() == [
        "Spearman  -1.0000",
        "Pearson   -1.0000",
        "pairs      2 of 3",
    ]


def test_settings_are_checked():
    with pytest.raises(InputError, match="method"):
        evaluate.analogies(Vectors(["a"], [[1]]), "google-analogies", method="cos")
    with pytest.raises(InputError, match="restrict"):
        evaluate.analogies(Vectors(["a"], [[1]]), "google-analogies", restrict=0)
