"""Lines of text, ``word number number …``, as arrays."""

from __future__ import annotations

import numpy as np
from numba import njit

_SPACE, _TAB, _RETURN, _LINE = 32, 9, 13, 10
_MINUS, _PLUS, _POINT, _ZERO, _NINE = 45, 43, 46, 48, 57
_UPPER_E, _LOWER_E = 69, 101
_POWERS = 10.0 ** np.arange(23)  # those that float64 holds exactly
_EXACT = np.uint64(1 << 53)
_TEN = np.uint64(10)


@njit(nogil=True, cache=True)
def parse_lines(data, dim, matrix, bounds):
    """Take lines apart.

    A number of up to 19 digits and a small exponent is its digits, a whole number below 2^53, times
    or over a power of ten that float64 holds exactly: one correctly rounded operation (Clinger
    1990, "How to read floating point numbers accurately"). A line with any other number, or with
    not just ``dim`` of them, is left to who calls.

    Args:
        data: uint8 ``[bytes]``, whole lines; the last one may lack its line feed.
        matrix: float32 ``[lines, dim]``, filled.
        bounds: int64 ``[lines, 2]``, filled with where a word begins and ends; of a line that is
            left, with where the line begins and -1 minus where it ends.

    Returns:
        how many lines there are.
    """
    size, position, line = len(data), 0, 0
    while position < size:
        begin = position
        while position < size and not (
            data[position] == _SPACE or data[position] == _TAB or data[position] == _LINE
        ):
            position += 1
        word_end = position
        found, plain = 0, word_end > begin
        while plain:
            while position < size and (data[position] == _SPACE or data[position] == _TAB):
                position += 1
            if position == size or data[position] == _LINE:
                break
            if data[position] == _RETURN and (position + 1 == size or data[position + 1] == _LINE):
                break
            if found == dim:
                plain = False
                break
            negative = data[position] == _MINUS
            if negative or data[position] == _PLUS:
                position += 1
            digits, exponent, mantissa = 0, 0, np.uint64(0)
            point = False
            while position < size:
                c = data[position]
                if _ZERO <= c <= _NINE:
                    mantissa = mantissa * _TEN + np.uint64(c - _ZERO)
                    digits += 1
                    exponent -= point
                elif c == _POINT and not point:
                    point = True
                else:
                    break
                position += 1
            plain = 0 < digits <= 19 and mantissa < _EXACT
            if (
                plain
                and position < size
                and (data[position] == _LOWER_E or data[position] == _UPPER_E)
            ):
                position += 1
                down = position < size and data[position] == _MINUS
                if position < size and (down or data[position] == _PLUS):
                    position += 1
                power, first = 0, position
                while position < size and _ZERO <= data[position] <= _NINE:
                    power = min(power * 10 + data[position] - _ZERO, 10_000)
                    position += 1
                plain = position > first
                exponent += -power if down else power
            plain = (
                plain
                and -22 <= exponent <= 22
                and (
                    position == size
                    or data[position] == _SPACE
                    or data[position] == _TAB
                    or data[position] == _LINE
                    or data[position] == _RETURN
                )
            )
            if plain:
                value = np.float64(mantissa)
                value = value / _POWERS[-exponent] if exponent < 0 else value * _POWERS[exponent]
                matrix[line, found] = np.float32(-value if negative else value)
                found += 1
        while position < size and data[position] != _LINE:
            position += 1
        if plain and found == dim:
            bounds[line, 0], bounds[line, 1] = begin, word_end
        else:
            bounds[line, 0], bounds[line, 1] = begin, -1 - position
        position += 1
        line += 1
    return line
