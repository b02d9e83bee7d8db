"""Counting which words stand near each other, one row of the matrix after the other."""

from __future__ import annotations

from numba import njit


@njit(nogil=True, cache=True)
def keep_words(tokens, offsets, document, start, stop, rows, between, window, kept):
    """The rows of the words of ``tokens[start:stop]``, which begins in ``document``; words without
    a row are left out and take up no position. Between documents stands ``between``. Up to
    ``window`` words on either side that belong to the same document come along.

    Args:
        rows: int32 ``[vocab]``, -1 for words without a row.
        kept: int32, the result; room for all tokens, as many documents and two windows.

    Returns:
        where the words of the stretch begin and end in ``kept``, and how many there are in all;
        -1 for the last if a token is not in the vocabulary.
    """
    n = 0
    i = start - 1
    while i >= offsets[document] and n < window:
        if not 0 <= tokens[i] < len(rows):
            return 0, 0, -1
        if rows[tokens[i]] >= 0:
            kept[n] = rows[tokens[i]]
            n += 1
        i -= 1
    kept[:n] = kept[:n][::-1].copy()
    first = n
    for i in range(start, stop):
        if offsets[document + 1] <= i:
            while offsets[document + 1] <= i:
                document += 1
            if n > 0 and kept[n - 1] != between:
                kept[n] = between
                n += 1
        if not 0 <= tokens[i] < len(rows):
            return 0, 0, -1
        if rows[tokens[i]] >= 0:
            kept[n] = rows[tokens[i]]
            n += 1
    last = n
    i = stop
    while i < offsets[document + 1] and n < last + window:
        if not 0 <= tokens[i] < len(rows):
            return 0, 0, -1
        if rows[tokens[i]] >= 0:
            kept[n] = rows[tokens[i]]
            n += 1
        i += 1
    return first, last, n


@njit(nogil=True, cache=True)
def index_words(kept, first, last, starts, positions):
    """Where each word stands: row r at ``positions[starts[r]:starts[r + 1]]``, in order."""
    words = len(starts) - 1
    starts[:] = 0
    for i in range(first, last):
        if kept[i] < words:
            starts[kept[i] + 1] += 1
    for row in range(words):
        starts[row + 1] += starts[row]
    for i in range(first, last):
        if kept[i] < words:
            positions[starts[kept[i]]] = i
            starts[kept[i]] += 1
    for row in range(words, 0, -1):
        starts[row] = starts[row - 1]
    starts[0] = 0


@njit(nogil=True, cache=True)
def collect(sums, touched, n, columns, values, cells):
    """Append a row's cells, columns ascending, and make its sums zero again."""
    touched[:n].sort()
    for k in range(n):
        column = touched[k]
        columns[cells + k] = column
        values[cells + k] = sums[column]
        sums[column] = 0
    return cells + n


@njit(nogil=True, cache=True)
def count_rows(
    kept, n, starts, positions, low, high, weights, symmetric, sums, touched, columns, values, ends
):
    """The cells of rows ``low`` to ``high``.

    Args:
        kept, n, starts, positions: what :func:`keep_words` and :func:`index_words` made.
        weights: uint64 ``[window + 1]``, by distance.
        symmetric: both sides of a word are its context, and of cells (i, j) and (j, i), which are
            equal, only the one with j ≤ i is counted. Otherwise only the words behind it.
        sums, touched: uint64 and int32 ``[words + 1]``, scratch; the last sum is not zero, the
            others are, before and after.
        columns, values: int32 and uint64, the cells.
        ends: int64 ``[high - low]``, where in them each row ends.

    Returns:
        how many cells there are.
    """
    words, window = len(starts) - 1, len(weights) - 1
    cells = 0
    for row in range(low, high):
        limit = row if symmetric else words - 1
        found = 0
        for p in positions[starts[row] : starts[row + 1]]:
            for distance in range(1, min(window, n - 1 - p) + 1):
                column = kept[p + distance]
                if column >= words:
                    break
                column = column if column <= limit else words
                touched[found] = column
                found += sums[column] == 0
                sums[column] += weights[distance]
            if symmetric:
                for distance in range(1, min(window, p) + 1):
                    column = kept[p - distance]
                    if column >= words:
                        break
                    column = column if column <= limit else words
                    touched[found] = column
                    found += sums[column] == 0
                    sums[column] += weights[distance]
        sums[words] = 1
        cells = collect(sums, touched, found, columns, values, cells)
        ends[row - low] = cells
    return cells


@njit(nogil=True, cache=True)
def merge_rows(bounds, run_columns, run_values, sums, touched, columns, values, ends):
    """Add up the same rows of several runs.

    Args:
        bounds: int64 ``[runs, rows + 1]``, where each run's rows lie in ``run_columns`` (int32)
            and ``run_values`` (uint64).
        sums, touched, columns, values, ends: as for :func:`count_rows`.

    Returns:
        how many cells there are.
    """
    cells = 0
    for row in range(bounds.shape[1] - 1):
        found = 0
        for run in range(bounds.shape[0]):
            for k in range(bounds[run, row], bounds[run, row + 1]):
                column = run_columns[k]
                touched[found] = column
                found += sums[column] == 0
                sums[column] += run_values[k]
        cells = collect(sums, touched, found, columns, values, cells)
        ends[row] = cells
    return cells
