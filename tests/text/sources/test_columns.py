import pytest

from textdl.errors import InputError
from textdl.text.sources.columns import label_column, text_column


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ({"text": 0, "label": 0}, "text"),
        ({"Review": 0, "sentiment": 0}, "Review"),
        ({"text": 0, "content": 0}, "text"),
        ({"review text": 0, "title": 0}, "review text"),
        ({"phrase": 0}, "phrase"),
        ({"id": 3, "phrase": 80, "user": 10}, "phrase"),
    ],
)
def test_the_text_is_found(lengths, expected):
    assert text_column(lengths, None, list(lengths)) == expected


@pytest.mark.parametrize(
    "lengths", [{"premise": 60, "hypothesis": 40}, {"content": 0, "comment": 0}, {}]
)
def test_an_unclear_text_is_asked_for(lengths):
    with pytest.raises(InputError, match=r"Set text_column to one of .*'label'"):
        text_column(lengths, None, [*lengths, "label"])


def test_a_missing_column_is_named_with_the_nearest():
    columns = ["Text", "label"]
    with pytest.raises(InputError, match=r"no column 'texts' \(did you mean 'Text'\?\).*'label'"):
        text_column({}, "texts", columns)
    with pytest.raises(InputError, match=r"no column 'stars'\. Set label_column to one of"):
        label_column(columns, "Text", "stars")


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["text", "label", "stars"], "label"),
        (["text", "Stars", "cat"], "Stars"),
        (["text", "cat"], None),
        (["sentiment", "text"], "sentiment"),
    ],
)
def test_the_label_is_found(columns, expected):
    assert label_column(columns, "text", None) == expected


def test_several_labels_are_asked_for():
    with pytest.raises(InputError, match="several columns may hold the label: 'stars', 'score'"):
        label_column(["text", "stars", "score"], "text", None)
    assert label_column(["text", "stars", "score"], "text", "") is None
    assert label_column(["text", "stars", "score"], "text", "score") == "score"
