"""Cutting text into tokens: one protocol, one module per kind of tokenizer."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from textdl.errors import InputError
from textdl.text.tokenizers.word import WordTokenizer

__all__ = ["Tokenizer", "WordTokenizer", "tokenizer_from_settings"]


@runtime_checkable
class Tokenizer(Protocol):
    """A function from text to tokens that can say how to build it again."""

    def __call__(self, text: str) -> list[str]:
        """The tokens of ``text``; none of them is empty."""
        ...

    def settings(self) -> dict[str, Any]:
        """JSON from which :func:`tokenizer_from_settings` builds the same tokenizer."""
        ...


def tokenizer_from_settings(settings: dict[str, Any]) -> Tokenizer:
    """The tokenizer that returned ``settings``.

    Raises:
        InputError: no tokenizer of this kind exists.
    """
    arguments = dict(settings)
    kind = arguments.pop("kind", None)
    if kind != "word":
        raise InputError(f"no tokenizer of kind {kind!r}: this version of textdl knows 'word'")
    return WordTokenizer(**arguments)
