"""Questions as people write them: ``king - man + woman``."""

from __future__ import annotations

from typing import NamedTuple

from textdl.errors import InputError


class Expression(NamedTuple):
    """Words that are added and taken away."""

    positive: list[str]
    negative: list[str]


def parse_expression(text: str) -> Expression:
    """Words joined by ``+`` and ``-``, which have spaces around them: ``well-known`` is one word.

    >>> parse_expression("king - man + woman")
    Expression(positive=['king', 'woman'], negative=['man'])

    Raises:
        InputError: a sign has no word behind it.
    """
    signs: list[str] = []
    words: list[str] = []
    for part in text.split():
        if part in ("+", "-"):
            if len(signs) > len(words):
                raise InputError(f"{text!r}: two signs without a word between them")
            signs.append(part)
        else:
            if len(signs) == len(words):
                signs.append("+")
            words.append(part)
    if len(signs) > len(words) or not words:
        raise InputError(f"{text!r}: a word is missing: write such as king - man + woman")
    pairs = list(zip(signs, words, strict=True))
    return Expression(
        [word for sign, word in pairs if sign == "+"], [word for sign, word in pairs if sign == "-"]
    )
