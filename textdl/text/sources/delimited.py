"""CSV and TSV: the first row names the columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from textdl.errors import InputError
from textdl.text.sources.columns import listed
from textdl.text.sources.kinds import delimiter
from textdl.text.sources.reading import lines

LONGEST = 1 << 28
"""Characters in a field. A quote that is never closed would otherwise swallow the file."""


class DelimitedTable:
    """A file of fields between commas, tabs, semicolons or bars, plain or compressed.

    Fields may be quoted as RFC 4180 has it: ``"`` around the field, ``""`` for a quote within.
    A TSV file where that fails somewhere doesn't quote: then a quote is a character like others.

    Args:
        path: the file.

    Raises:
        InputError: it is no table.
    """

    unit = "line"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.where = str(path)
        self.class_names: dict[str, list[str]] = {}
        self._delimiter = delimiter(path)
        self._quoted = True
        self._quoted = self._delimiter != "\t" or self._quotes_well()
        self._names = next((names for _, names in self._records()), [])
        self.columns = dict.fromkeys(self._names, "string")
        if len(self.columns) < len(self._names):
            raise InputError(
                f"{path}: two columns have the same name: {listed(self._names)}. The first line "
                "must name the columns."
            )

    def rows(self, names: list[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
        """The line where each row begins, and its fields in some columns.

        Raises:
            InputError: the text is damaged, or a row has too few or too many fields.
        """
        places = [self._names.index(name) for name in names]
        for line, fields in self._body():
            yield line, tuple(fields[place] for place in places)

    def _body(self) -> Iterator[tuple[int, list[str]]]:
        records = self._records()
        width = len(next(records, (0, []))[1])
        for line, fields in records:
            if len(fields) != width:
                raise InputError(
                    f"{self.path}, line {line}: {len(fields)} fields, but the first line names "
                    f"{width} columns. Put quotes around a field that contains "
                    f"{self._delimiter!r} or a line end."
                )
            yield line, fields

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        return self._quoted_records() if self._quoted else self._plain_records()

    def _plain_records(self) -> Iterator[tuple[int, list[str]]]:
        for number, line in enumerate(lines(self.path), 1):
            if text := line.rstrip("\r\n"):
                yield number, text.split(self._delimiter)

    def _quoted_records(self) -> Iterator[tuple[int, list[str]]]:
        csv.field_size_limit(max(csv.field_size_limit(), LONGEST))
        reader = csv.reader(lines(self.path), delimiter=self._delimiter, strict=True)
        while True:
            begin = reader.line_num + 1
            try:
                fields = next(reader, None)
            except csv.Error as error:
                raise InputError(
                    f"{self.path}, line {begin}: the row that begins here can't be parsed "
                    f"({error}). Check its quotes: one that opens a field must be closed, and one "
                    'within a quoted field must be doubled ("").'
                ) from error
            if fields is None:
                return
            if fields:
                yield begin, fields

    def _quotes_well(self) -> bool:
        quoted = ('"' in line and (line[0] == '"' or '\t"' in line) for line in lines(self.path))
        if not any(quoted):
            return False
        try:
            for _ in self._body():
                pass
        except InputError:
            return False
        return True
