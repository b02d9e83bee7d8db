"""Words of ASCII text, numbered: what :class:`WordTokenizer` finds, at the speed of a scan.

A table of words is three arrays. ``starts[0]`` is how many words there are, word ``i`` is
``words[starts[i + 1]:starts[i + 2]]``, its line feed included. ``slots``, uint64
``[2 ** k, 2]``, is an open-addressed index: a word's key and its number, counted from 1.
"""

from __future__ import annotations

import numpy as np
from numba import njit

_SPACE, _WORD, _MARK, _HARD, _OPEN = range(5)
_KINDS = np.full(256, _MARK, np.uint8)
_KINDS[128:] = _HARD
_KINDS[ord("&")] = _HARD
_KINDS[0x1C:0x20] = _HARD  # white space to some, marks to others
_KINDS[ord("<")] = _OPEN
_KINDS[list(b" \t\n\r\f\v")] = _SPACE
_KINDS[list(b"0123456789_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")] = _WORD
_AS_IT_IS = np.arange(256).astype(np.uint8)
_BLANK, _NEWLINE, _QUOTE = 32, 10, 39
_BYTE, _HALF, _NEXT = np.uint64(8), np.uint64(32), np.uint64(1)
_LONG = np.uint64(1 << 63)
_PRIME, _GOLDEN = np.uint64(0x100000001B3), np.uint64(0x9E3779B97F4A7C15)


@njit(inline="always")
def _divides(text, i, begin, end):
    """Whether ``text[i]`` is a space between words, where a cut changes no token."""
    return (
        (text[i] == _BLANK or text[i] == _NEWLINE)
        and begin < i
        and i < end - 1
        and _KINDS[text[i - 1]] == _WORD
        and _KINDS[text[i + 1]] == _WORD
    )


@njit(nogil=True, cache=True)
def _skip(text, i, end):
    while i < end and _KINDS[text[i]] == _SPACE:
        i += 1
    return i


@njit(nogil=True, cache=True)
def _break_end(text, i, end):
    """The end of the HTML break or paragraph that begins at ``text[i]``, -1 if there is none."""
    i = _skip(text, i + 1, end)
    if i + 1 < end and text[i] | 32 == 98 and text[i + 1] | 32 == 114:
        i += 2
    else:
        if i < end and text[i] == 47:
            i += 1
        if i >= end or text[i] | 32 != 112:
            return -1
        i += 1
    i = _skip(text, i, end)
    if i < end and text[i] == 47:
        i = _skip(text, i + 1, end)
    return i + 1 if i < end and text[i] == 62 else -1


@njit(nogil=True, cache=True)
def simple_again(text, i, end):
    """Where the text behind the byte ``i``, on which :func:`number_words` has stopped, can be
    taken up again.

    That is the second space between words: an entity may become the ``<`` of a tag, which reaches
    over the first one (``&lt br>``).
    """
    begin, spaces = i, 0
    while i < end:
        if _KINDS[text[i]] == _HARD:
            spaces = 0
        elif _divides(text, i, begin, end):
            spaces += 1
            if spaces == 2:
                return i
        i += 1
    return end


@njit(inline="always")
def _slot(key, mask):
    return ((key ^ key >> _HALF) * _GOLDEN >> _HALF) & mask


@njit(inline="always")
def _long_key(text, first, end, fold, key):
    """The key of a word of more than eight bytes, of which ``key`` has the last eight."""
    for i in range(first, end - 8):
        key = (key ^ np.uint64(fold[text[i]])) * _PRIME
        key ^= key >> _HALF
    return key | _LONG


@njit(inline="always")
def _same(text, first, end, fold, word, starts, words):
    at = starts[word + 1] - first
    equal = starts[word + 2] - 1 - at == end
    while equal and first < end:
        equal = words[at + first] == fold[text[first]]
        first += 1
    return equal


@njit(nogil=True, cache=True)
def _add(text, first, end, fold, key, slot, slots, starts, words):
    # Not inlined: with it, the loop over the words takes twice as long.
    word, at = starts[0], starts[starts[0] + 1]
    slots[slot, 0], slots[slot, 1] = key, np.uint64(word + 1)
    for i in range(first, end):
        words[at + i - first] = fold[text[i]]
    words[at + end - first] = _NEWLINE
    starts[0] = word + 1
    starts[word + 2] = at + end - first + 1


@njit(inline="always")
def _number(text, first, end, fold, key, slots, starts, words):
    """The number of the word ``text[first:end]``, which is added if it is new.

    Its key is the word itself if it has up to eight bytes, none of them 0; otherwise, or if the
    highest bit is set, the bytes are compared.
    """
    mask = np.uint64(len(slots) - 1)
    slot = _slot(key, mask)
    while slots[slot, 1]:
        if slots[slot, 0] == key and (
            key < _LONG
            or _same(text, first, end, fold, np.int64(slots[slot, 1]) - 1, starts, words)
        ):
            break
        slot = (slot + _NEXT) & mask
    else:
        _add(text, first, end, fold, key, slot, slots, starts, words)
    return np.int64(slots[slot, 1]) - 1


@njit(nogil=True, cache=True)
def grown(slots):
    """The same index in twice the room."""
    larger = np.zeros((2 * len(slots), 2), np.uint64)
    mask = np.uint64(len(larger) - 1)
    for old in range(len(slots)):
        key, number = slots[old]
        if number:
            slot = _slot(key, mask)
            while larger[slot, 1]:
                slot = (slot + _NEXT) & mask
            larger[slot, 0], larger[slot, 1] = key, number
    return larger


@njit(nogil=True, cache=True)
def number_lines(lines, ids, slots, starts, words):
    """Number words given as lines, uint8 ``[bytes]``, each with its line feed.

    ``ids``, int32 ``[lines]``, is filled; the table must have room.
    """
    n, first, key = 0, 0, np.uint64(0)
    for i in range(len(lines)):
        if lines[i] != _NEWLINE:
            key = key << _BYTE | np.uint64(lines[i])
            continue
        if i - first > 8:
            key = _long_key(lines, first, i, _AS_IT_IS, key)
        ids[n] = _number(lines, first, i, _AS_IT_IS, key, slots, starts, words)
        n += 1
        first, key = i + 1, np.uint64(0)


@njit(nogil=True, cache=True)
def number_words(
    text, bounds, segment, position, fold, punctuation, ids, lengths, slots, starts, words
):
    """Number the tokens from ``position`` in ``segment`` on, up to what needs normalisation.

    Args:
        text: uint8 ``[bytes]``.
        bounds: int64 ``[segments + 1]``; a token lies within one segment.
        fold: uint8 ``[256]``, the character that stands for each one.
        ids: int32 ``[bytes]``, filled with the tokens' numbers.
        lengths: int64 ``[segments]``, to which the number of tokens is added.
        slots, starts, words: the table of the words so far.

    Returns:
        the segment and position where it stopped, the byte that stopped it (the length of the text
        at its end), the number of tokens
    """
    letters = np.where(_KINDS == _WORD, fold, np.uint8(0))
    n = 0
    while segment < len(lengths):
        i, end = position, bounds[segment + 1]
        before = n
        safe, tokens_at_safe = i, n
        while i < end:
            if 2 * starts[0] > len(slots):
                lengths[segment] += tokens_at_safe - before
                return segment, safe, i, tokens_at_safe
            first, key = i, np.uint64(0)
            letter = letters[text[i]]
            if letter:
                while letter:
                    key = key << _BYTE | np.uint64(letter)
                    i += 1
                    if i == end:
                        break
                    letter = letters[text[i]]
                    if text[i] == _QUOTE and i + 1 < end and letters[text[i + 1]]:
                        letter = np.uint8(_QUOTE)
                if i - first > 8:
                    key = _long_key(text, first, i, fold, key)
            else:
                kind = _KINDS[text[i]]
                if kind == _HARD:
                    lengths[segment] += tokens_at_safe - before
                    return segment, safe, i, tokens_at_safe
                behind = _break_end(text, i, end) if kind == _OPEN else -1
                i = max(i + 1, behind)
                if kind == _SPACE or behind >= 0 or not punctuation:
                    continue
                key = np.uint64(text[first])
            ids[n] = _number(text, first, i, fold, key, slots, starts, words)
            n += 1
            if i < end and _divides(text, i, first, end):
                safe, tokens_at_safe = i, n
                i += 1
        lengths[segment] += n - before
        segment += 1
        position = end
    return segment, position, len(text), n
