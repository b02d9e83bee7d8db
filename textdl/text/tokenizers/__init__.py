"""Cutting text into tokens: one protocol, one module per kind of tokenizer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

from textdl.errors import InputError
from textdl.text.tokenizers.bpe import BpeTokenizer
from textdl.text.tokenizers.character import CharacterTokenizer
from textdl.text.tokenizers.jieba import JiebaTokenizer
from textdl.text.tokenizers.phrases import PhraseTokenizer
from textdl.text.tokenizers.word import WordTokenizer

__all__ = [
    "UNTRAINED",
    "BpeTokenizer",
    "CharacterTokenizer",
    "JiebaTokenizer",
    "PhraseTokenizer",
    "Tokenizer",
    "WordTokenizer",
    "tokenizer_from_settings",
]


@runtime_checkable
class Tokenizer(Protocol):
    """A function from text to tokens that can say how to build it again."""

    def __call__(self, text: str) -> list[str]:
        """The tokens of ``text``; none of them is empty."""
        ...

    def settings(self) -> dict[str, Any]:
        """JSON from which :func:`tokenizer_from_settings` builds the same tokenizer."""
        ...


UNTRAINED: dict[str, Callable[..., Tokenizer]] = {
    "words": WordTokenizer,
    "characters": CharacterTokenizer,
    "jieba": JiebaTokenizer,
}
"""The tokenizers that need no training, by what they are called in settings."""


def tokenizer_from_settings(settings: dict[str, Any]) -> Tokenizer:
    """The tokenizer that returned ``settings``.

    Raises:
        InputError: no tokenizer of this kind exists, or its model is damaged.
    """
    arguments = dict(settings)
    kind = arguments.pop("kind", None)
    if kind == "bpe":
        return BpeTokenizer.restore(**arguments)
    if kind == "phrases":
        base = tokenizer_from_settings(arguments.pop("base"))
        return PhraseTokenizer.restore(base, **arguments)
    if kind == "word":
        return WordTokenizer(**arguments)
    if kind == "character":
        return CharacterTokenizer(**arguments)
    if kind == "jieba":
        return JiebaTokenizer(**arguments)
    raise InputError(
        f"no tokenizer of kind {kind!r}: this version of textdl knows 'bpe', 'character', 'jieba', "
        "'phrases' and 'word'"
    )
