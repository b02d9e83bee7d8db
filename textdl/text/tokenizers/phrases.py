"""Words, and phrases of words joined into one token."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textdl.text.tokenizers import Tokenizer


@dataclass(frozen=True)
class PhraseTokenizer:
    """Joins the phrases among another tokenizer's tokens (Mikolov et al. 2013, "Distributed
    Representations of Words and Phrases and their Compositionality").

    From left to right, and as soon as one is complete, as gensim's ``Phrases`` joins them.
    Phrases of phrases are a phrase tokenizer on top of another one. A word of the text that is
    spelled like a joined phrase becomes the same token.

    Args:
        base: cuts the text.
        phrases: the tokens of each, at least two; those between the first and the last are
            connectors.
        delimiter: what stands between joined tokens.
        connectors: tokens that no phrase begins or ends with, but that may be inside.
    """

    base: Tokenizer
    phrases: frozenset[tuple[str, ...]]
    delimiter: str = "_"
    connectors: frozenset[str] = frozenset()

    def __call__(self, text: str) -> list[str]:
        return list(self.join(self.base(text)))

    @cached_property
    def _joined(self) -> dict[tuple[str, ...], str]:
        return {phrase: self.delimiter.join(phrase) for phrase in self.phrases}

    def join(self, tokens: Iterable[str]) -> Iterator[str]:
        """Tokens of the base, their phrases joined."""
        joined = self._joined
        pending: list[str] = []
        for token in tokens:
            if token in self.connectors:
                if pending:
                    pending.append(token)
                else:
                    yield token
            elif pending and (phrase := joined.get((*pending, token))) is not None:
                yield phrase
                pending = []
            else:
                yield from pending
                pending = [token]
        yield from pending

    def __repr__(self) -> str:
        return f"PhraseTokenizer({self.base!r}, {len(self.phrases):,} phrases)"

    def settings(self) -> dict[str, Any]:
        return {
            "kind": "phrases",
            "base": self.base.settings(),
            "phrases": sorted(map(list, self.phrases)),
            "delimiter": self.delimiter,
            "connectors": sorted(self.connectors),
        }

    @classmethod
    def restore(
        cls, base: Tokenizer, phrases: list[list[str]], delimiter: str, connectors: list[str]
    ) -> PhraseTokenizer:
        """The tokenizer of these settings."""
        return cls(base, frozenset(map(tuple, phrases)), delimiter, frozenset(connectors))
