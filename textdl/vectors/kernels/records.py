"""word2vec's binary records: a word, a space, the numbers."""

from __future__ import annotations

_SPACE, _LINE = 32, 10


def find_records(data, position, rows, width, longest, bounds):
    """Where the words of records are; their numbers begin behind the space after the word.

    Args:
        data: uint8 ``[bytes]``.
        position: where the first record begins.
        width: bytes of the numbers of a record.
        longest: words may have so many bytes.
        bounds: int64 ``[rows, 2]``, filled with where each word begins and ends.

    Returns:
        how many complete records there are, at most ``rows``, and where the next would begin.
    """
    size = len(data)
    for row in range(rows):
        begin = position
        while begin < size and data[begin] == _LINE:  # word2vec.c ends each record with one
            begin += 1
        end = begin
        while end < size and data[end] != _SPACE:
            end += 1
            if end - begin > longest:
                return row, begin
        if end + 1 + width > size:
            return row, begin
        bounds[row, 0], bounds[row, 1] = begin, end
        position = end + 1 + width
    return rows, position


def copy_records(data, starts, rows):
    """Copy the bytes from ``starts`` on into ``rows``, uint8 ``[len(starts), width]``."""
    width = rows.shape[1]
    for row in range(len(starts)):
        start = starts[row]
        for k in range(width):
            rows[row, k] = data[start + k]


def find_entries(data, position, entries, bounds, numbers, kinds):
    """fastText's dictionary: where its words are, how often they were seen, and what they are.

    Args:
        data: uint8 ``[bytes]``.
        position: where the first entry begins: a word, a zero byte, int64, int8.
        bounds: int64 ``[entries, 2]``, filled with where each word begins and ends.
        numbers: uint8 ``[entries, 8]``, filled with the bytes of the counts.
        kinds: uint8 ``[entries]``, filled.

    Returns:
        how many complete entries there are, and where the next would begin.
    """
    size = len(data)
    for i in range(entries):
        begin = end = position
        while end < size and data[end] != 0:
            end += 1
        if end + 10 > size:
            return i, begin
        bounds[i, 0], bounds[i, 1] = begin, end
        for k in range(8):
            numbers[i, k] = data[end + 1 + k]
        kinds[i] = data[end + 9]
        position = end + 10
    return entries, position
