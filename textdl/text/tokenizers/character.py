"""Characters, for text without spaces between its words."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import regex

from textdl.text.normalization import normalize

_CLUSTER = regex.compile(r"\X")
_LETTER = regex.compile(r"[\w\p{M}]")


@dataclass(frozen=True)
class CharacterTokenizer:
    """Splits normalised text into what a reader takes for its characters; spaces are dropped.

    These are extended grapheme clusters (Unicode Standard Annex 29): a Chinese character, a letter
    with its marks, an emoji of several code points.

    Args:
        lower: letters lose their case.
        punctuation: punctuation marks and symbols are tokens; else they are dropped.
    """

    lower: bool = True
    punctuation: bool = True

    def __call__(self, text: str) -> list[str]:
        text = normalize(text, lower=self.lower)
        clusters = text if text.isascii() else _CLUSTER.findall(text)
        characters = [one for cluster in clusters if (one := cluster.strip())]
        return characters if self.punctuation else list(filter(_LETTER.match, characters))

    def settings(self) -> dict[str, Any]:
        return {"kind": "character", **asdict(self)}
