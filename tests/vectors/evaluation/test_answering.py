import numpy as np
import pytest

from textdl.vectors.evaluation import answering
from textdl.vectors.evaluation.answering import EPSILON, are_answered, as_asked


def ranking(matrix, given, method):
    """The rows that may answer, the best first: a full sort of the scores of the float32 unit
    vectors in float64."""
    norms = np.sqrt((matrix**2).sum(1, keepdims=True))
    units = (matrix / np.where(norms > 0, norms, 1)).astype(np.float64)
    a, b, c = (units @ units[rows[0]] for rows in given)
    scores = b - a + c
    if method == "mul":
        scores = (1 + b) / 2 * ((1 + c) / 2) / ((1 + a) / 2 + EPSILON)
    taken = {row for rows in given for row in rows}
    order = np.lexsort((np.arange(len(units)), -scores.round(9))).tolist()
    return [row for row in order if row not in taken]


def ask(random, matrix, number, method):
    """Questions of words in up to two spellings, every other with an answer among the best, and
    the rank of the best answer."""
    questions, ranks = [], []
    for i in range(number):
        words = [random.choice(40, random.integers(1, 3), replace=False).tolist() for _ in range(4)]
        given, answers = words[:3], words[3:]
        order = ranking(matrix, given, method)
        if i % 2:
            answers.append([order[random.integers(4)]])
        ranks.append(
            min((order.index(r) for rows in answers for r in rows if r in order), default=9999)
        )
        questions.append((given, answers))
    return questions, np.array(ranks)


@pytest.fixture(params=["plain", "compiled"])
def path(request, monkeypatch):
    if request.param == "compiled":
        monkeypatch.setattr(answering, "_COMPILED_SCORES", 0)
    monkeypatch.setattr(answering, "_BLOCK_SCORES", 1)  # several blocks


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("method", ["add", "mul"])
@pytest.mark.parametrize("top", [1, 3])
def test_answers_are_those_of_a_full_sort(method, top):
    random = np.random.default_rng(3)
    matrix = random.normal(size=(1300, 6)).astype(np.float32)
    questions, ranks = ask(random, matrix, 300, method)
    [right] = are_answered(matrix, as_asked(questions), [method], top)
    assert right.tolist() == (ranks < top).tolist()
    assert 30 < right.sum() < 150


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("method", ["add", "mul"])
@pytest.mark.parametrize("top", [1, 2, 5])
def test_of_equal_rows_the_first_is_the_higher(method, top):
    random = np.random.default_rng(4)
    matrix = random.integers(-1, 2, size=(60, 4)).astype(np.float32)
    matrix = np.concatenate([matrix, 0 * matrix[:5], np.repeat(matrix, 10, 0)])
    questions, ranks = ask(random, matrix, 300, method)
    [right] = are_answered(matrix, as_asked(questions), [method], top)
    assert right.tolist() == (ranks < top).tolist()
    assert right.any()


@pytest.mark.usefixtures("path")
def test_a_given_word_is_never_an_answer_and_nothing_may_be_asked():
    matrix = np.eye(3, dtype=np.float32)
    asked = as_asked([([[0], [1], [2]], [[1]]), ([[0], [1], [1]], [[1], [2]])])
    assert [right.tolist() for right in are_answered(matrix, asked, ["add", "mul"], 9)] == [
        [False, True],
        [False, True],
    ]
    assert are_answered(matrix, as_asked([]), ["add"], 1)[0].tolist() == []
