import gzip

import pytest

from textdl.errors import InputError
from textdl.text.sources.delimited import DelimitedTable


def rows(tmp_path, text, name="a.csv", columns=("text", "label")):
    path = tmp_path / name
    data = text if isinstance(text, bytes) else text.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return list(DelimitedTable(path).rows(list(columns)))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_quoted_fields_hold_anything(tmp_path, end, bom):
    text = f'{bom}id,text,label{end}1,"a, ""b""{end}c",0{end}{end}2,d "e" f,1{end}'
    assert rows(tmp_path, text) == [(2, (f'a, "b"{end}c', "0")), (5, ('d "e" f', "1"))]


def test_a_last_line_without_end_and_a_compressed_file(tmp_path):
    assert rows(tmp_path, "text\tlabel\nx\t1", "a.tsv.gz") == [(2, ("x", "1"))]


def test_tsv_without_quoting_keeps_its_quotes(tmp_path):
    text = 'text\tlabel\n"good" they said\t1\n"never closed\t0\n'
    assert rows(tmp_path, text, "a.tsv") == [
        (2, ('"good" they said', "1")),
        (3, ('"never closed', "0")),
    ]


def test_tsv_with_quoting_is_unquoted(tmp_path):
    text = 'text\tlabel\n"good\tthey ""said"""\t1\n"two\nlines"\t0\n'
    assert rows(tmp_path, text, "a.tsv") == [
        (2, ('good\tthey "said"', "1")),
        (3, ("two\nlines", "0")),
    ]


def test_fields_of_any_length(tmp_path):
    long = "x" * 300_000
    assert rows(tmp_path, f'text,label\n"{long}",1\n') == [(2, (long, "1"))]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("text,label\na,b,1\n", "line 2: 3 fields, but the first line names 2 columns"),
        ('text,label\n"a\nb",1\nc\n', "line 4: 1 fields, but the first line names 2"),
        ('text,label\na,1\n"b,1\nc,0\n', "line 3: the row that begins here can't be parsed"),
        ('text,label\n"a" b,1\n', "line 2: the row that begins here can't be parsed"),
        (b"text,label\na,1\ncaf\xe9,0\n", r"line 3: byte 18 \(0xe9\) is not UTF-8"),
        ("text,text\na,1\n", "two columns have the same name"),
        ("text,label\na\rb,1\n", "line 2: the row that begins here can't be parsed"),
    ],
)
def test_damaged_rows_are_located(tmp_path, text, message):
    with pytest.raises(InputError, match=message) as caught:
        rows(tmp_path, text)
    assert str(tmp_path / "a.csv") in str(caught.value)


def test_damaged_rows_of_tsv_are_located(tmp_path):
    with pytest.raises(InputError, match=r"a.tsv, line 3: 1 fields"):
        rows(tmp_path, 'text\tlabel\n"a" b\t1\nc\n', "a.tsv")
