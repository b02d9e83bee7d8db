import numpy as np
import pytest

from textdl.errors import InputError
from textdl.text.sources.labels import MOST, Labels


def numbered(values, column="label", class_names=None):
    """The labels of one or several splits as names, and the names in their order."""
    labels = Labels(class_names, column)
    splits = values if isinstance(values, dict) else {"train": values}
    numbers = [labels.number(value, split) for split, found in splits.items() for value in found]
    names, relabel = labels.finish()
    if relabel is not None:
        without = np.full(relabel.shape[1:], -1)
        numbers = [(without if n < 0 else relabel[n]).tolist() for n in numbers]
    return numbers, names


@pytest.mark.parametrize(
    ("values", "numbers", "names"),
    [
        ([1, 0, 1], [1, 0, 1], ["negative", "positive"]),
        (["1", "0"], [1, 0], ["negative", "positive"]),
        (["1.0", "0.0", "", None, "-1"], [1, 0, -1, -1, -1], ["negative", "positive"]),
        ([1, -1, None, "", float("nan"), 0], [1, -1, -1, -1, -1, 0], ["negative", "positive"]),
        ([10, 9, 1, "9 "], [2, 1, 0, 1], ["1", "9", "10"]),
        ([1, 1], [0, 0], ["1"]),
        (["pos", "neg"], [1, 0], ["neg", "pos"]),
        ([2.5, 10, 1.0], [1, 2, 0], ["1", "2.5", "10"]),
        (["b", "2", "a"], [2, 0, 1], ["2", "a", "b"]),
        ([True, False], [1, 0], ["false", "true"]),
        ([-2, 2, 0], [0, 2, 1], ["-2", "0", "2"]),
        ([None, None], [-1, -1], []),
    ],
)
def test_labels_are_numbered_in_their_natural_order(values, numbers, names):
    assert numbered(values) == (numbers, names)


def test_zero_and_one_are_sentiment_only_where_the_column_says_so():
    assert numbered([0, 1], column="class") == ([0, 1], ["0", "1"])
    assert numbered([0, 1], column="Sentiment") == ([0, 1], ["negative", "positive"])


def test_declared_names_are_kept():
    names = ["neg", "neutral", "pos"]
    assert numbered([2, 0, -1, "pos"], class_names=names) == ([2, 0, -1, 2], names)
    with pytest.raises(InputError, match="label '3' is none of the 3 classes"):
        numbered([3], class_names=names)


def test_a_label_that_train_lacks_is_an_error():
    values = {"test": [0, 1, 2], "train": [0, 1]}
    with pytest.raises(InputError, match=r"split 'test' has labels that split 'train' lacks: '2'"):
        numbered(values)
    assert numbered({"train": [0, 1, 2], "test": [1], "unsupervised": [-1]})[1] == ["0", "1", "2"]


def test_numbers_in_one_split_and_names_in_the_other_are_an_error():
    with pytest.raises(InputError, match=r"'train' are '0', '1', those of split 'test' are 'neg'"):
        numbered({"train": [0, 1], "test": ["neg"]})


def test_minus_one_for_negative_is_not_taken_for_unlabelled():
    with pytest.raises(InputError, match="Write 0 instead of -1"):
        numbered(["1", "-1"])


def test_too_many_labels_are_no_classes():
    with pytest.raises(InputError, match="column 'score' has more than 10,000 different values"):
        numbered(range(MOST + 1), column="score")


@pytest.mark.parametrize("value", [{"a": 1}, [["a"]]])
def test_what_is_no_label(value):
    with pytest.raises(InputError, match=r"a label can't be a (dict|list)"):
        numbered([value])


@pytest.mark.parametrize(
    ("values", "rows", "names"),
    [
        ([["b", "a"], [], ["b"], None], [[1, 1], [0, 0], [0, 1], [-1, -1]], ["a", "b"]),
        ([["b", "b"], -1, ["a"], ""], [[0, 1], [-1, -1], [1, 0], [-1, -1]], ["a", "b"]),
        ([[10, 2], ["2"], [1.0]], [[0, 1, 1], [0, 1, 0], [1, 0, 0]], ["1", "2", "10"]),
        ([[1], [0]], [[0, 1], [1, 0]], ["0", "1"]),
    ],
)
def test_a_list_holds_several_labels(values, rows, names):
    numbers, found = numbered(values)
    assert (numbers, found) == (rows, names)


def test_declared_names_of_several_labels_are_kept():
    names = ["joy", "fear", "none"]
    assert numbered([[1], ["joy", 1]], class_names=names) == ([[0, 1, 0], [1, 1, 0]], names)
    with pytest.raises(InputError, match="label '3' is none of the 3 classes"):
        numbered([[1, 3]], class_names=names)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([["a"], "b"], "'b' is no list, and the labels before it are lists"),
        (["b", ["a"]], r"\['a'\] is a list, and the labels before it are none"),
        ([["a", ""]], "holds what is no label. Leave it out of the list, or write null"),
        ([[1, None]], "holds what is no label"),
        ([[0, 1, 0]], "looks like a 0 or 1 for every label"),
        ([[], []], "every list of labels is empty"),
        ({"train": [["a"]], "test": [["b"]]}, "'test' has labels that split 'train' lacks: 'b'"),
    ],
)
def test_lists_that_can_not_be(values, message):
    with pytest.raises(InputError, match=message):
        numbered(values)
