import pytest

from textdl.errors import InputError
from textdl.vectors import Vectors
from textdl.vectors.evaluation.comparison import (
    Measurement,
    VectorEvaluation,
    evaluate_vectors,
    set_files,
)


@pytest.fixture
def sets(tmp_path):
    pairs, questions = tmp_path / "pairs.tsv", tmp_path / "q.txt"
    pairs.write_text("a\tb\t1\na\tc\t2\na\td\t3\na\tzz\t4\n")
    questions.write_text("\n: s\na b c d\na b c zz\n")
    return [str(pairs), str(questions), "planted"]


@pytest.fixture
def tables():
    words = ["a", "c", "b", "d"]
    square = Vectors(words, [[1, 0, 0], [0, 1, 0], [1, 0, 1], [0, 1, 1]])
    square.info = {"corpus": {"source": {"source": "synthetic"}}}
    return {"square": square, "short": Vectors(["a"], [[1]])}


def test_what_is_measured_and_undefined(sets, tables):
    found = evaluate_vectors(tables, sets=sets, restrict=3)
    assert list(found.full) == ["square", "short"]
    names = ["pairs.tsv", "q.txt", "planted analogies", "planted synonyms"]
    assert list(found.full["square"]) == names
    assert found.full["square"]["pairs.tsv"].coverage == 0.75
    assert found.full["square"]["q.txt"] == Measurement(1.0, 1, 2)
    assert found.restricted["square"] == {"q.txt": Measurement(None, 0, 2)}
    assert {score.value for score in found.full["short"].values()} == {None}
    assert list(found.full["short"]) == ["pairs.tsv", "q.txt"]
    assert found.info["square"]["q.txt"] == 1.0


def test_an_evaluation_comes_back(sets, tables, tmp_path):
    found = evaluate_vectors(tables, sets=sets)
    found.save(tmp_path / "e")
    assert VectorEvaluation.load(tmp_path / "e") == found
    for text in ("{}", "[]", "nonsense"):
        (tmp_path / "e" / "vector_evaluation.json").write_text(text)
        with pytest.raises(InputError, match="no complete vector evaluation"):
            VectorEvaluation.load(tmp_path / "e")


def test_sets_are_told_apart(sets, tables):
    with pytest.raises(InputError, match=r"two evaluation sets are called 'pairs\.tsv'"):
        evaluate_vectors(tables, sets=[sets[0], sets[0]])
    assert list(set_files(sets)) == ["1 of 3: pairs.tsv", "2 of 3: q.txt"]
    assert set_files(["planted"]) is None
    with pytest.raises(InputError, match="no file"):
        set_files(["absent.tsv"])


def test_a_folder_is_a_set_of_its_files(tmp_path):
    (tmp_path / "BATS" / "1_x").mkdir(parents=True)
    (tmp_path / "BATS" / "1_x" / "I01.txt").write_text("a\tb\nc\td\n")
    bats = str(tmp_path / "BATS")
    assert list(set_files(["planted", bats])) == ["2 of 2: BATS/1_x/I01.txt"]
    square = Vectors(["a", "c", "b", "d"], [[1, 0, 0], [0, 1, 0], [1, 0, 1], [0, 1, 1]])
    found = evaluate_vectors({"square": square}, sets=[bats])
    assert found.full["square"] == {"BATS": Measurement(1.0, 2, 2)}
