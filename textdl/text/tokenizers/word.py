"""Words and punctuation marks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import regex

from textdl.text.normalization import normalize


@dataclass(frozen=True)
class WordTokenizer:
    """Splits normalised text into words and, one by one, punctuation marks.

    A word is a run of letters, digits and combining marks of any script, with apostrophes inside
    (``don't`` is one word). Scripts that write no spaces between words are not segmented.

    Args:
        lower: letters lose their case.
        punctuation: punctuation marks and symbols are tokens; else they are dropped.
    """

    lower: bool = True
    punctuation: bool = True

    def __call__(self, text: str) -> list[str]:
        text = normalize(text, lower=self.lower)
        find = self._ascii if text.isascii() else self._unicode
        return find(text)

    def settings(self) -> dict[str, Any]:
        return {"kind": "word", **asdict(self)}

    # re knows no combining marks as parts of words, and regex is half as fast.
    @cached_property
    def _ascii(self) -> Callable[[str], list[str]]:
        mark = r"|[^\w\s]" if self.punctuation else ""
        return re.compile(rf"\w+(?:'\w+)*{mark}", re.ASCII).findall

    @cached_property
    def _unicode(self) -> Callable[[str], list[str]]:
        mark = r"|[^\w\p{M}\s]" if self.punctuation else ""
        pattern = rf"[\w\p{{M}}]+(?:'[\w\p{{M}}]+)*{mark}"
        find: Callable[[str], list[str]] = regex.compile(pattern).findall
        return find
