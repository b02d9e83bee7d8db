import pytest

from textdl.errors import InputError
from textdl.text.sources.jsonl import JsonTable


def table(tmp_path, text):
    path = tmp_path / "a.jsonl"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return JsonTable(path)


def test_objects_are_rows(tmp_path):
    text = '\ufeff{"text": "a\\nb", "label": null}\r\n\n{"label": 1, "text": "\\ud83c\\udfac"}'
    found = table(tmp_path, text)
    assert found.columns == {"text": "string", "label": "int"}
    assert list(found.rows(["text", "label"])) == [(1, ("a\nb", None)), (3, ("🎬", 1))]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"text": "a"}\n{"text": \n', r"a.jsonl, line 2, column \d+: this is not JSON"),
        ('{"text": "a"}\n["b"]\n', "line 2: this is a JSON list and no object"),
        ('{"text": "a"}\n' + "[" * 100_000, "line 2, column 1: this is not JSON"),
        (b'{"text": "a"}\n{"text": "caf\xe9"}\n', r"line 2: byte 27 \(0xe9\) is not UTF-8"),
    ],
)
def test_damaged_lines_are_located(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        list(table(tmp_path, text).rows(["text"]))
