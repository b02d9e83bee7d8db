"""Chinese words."""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from importlib import import_module
from typing import Any

import regex

from textdl.errors import InputError
from textdl.text.tokenizers.word import WordTokenizer

_HAN = regex.compile(r"\p{Han}")
_PARTS = regex.compile(r"(?:\p{Han}|[0-9A-Za-z]+(?![^\p{Han}]))+|[^\p{Han}]+")


@dataclass(frozen=True)
class JiebaTokenizer:
    """Splits normalised text into words, those of Chinese as jieba finds them: the most probable
    path through the words of its dictionary.

    All else is cut as by :class:`WordTokenizer`. ASCII letters and digits beside Chinese characters
    may belong to a word (``T恤``).

    Args:
        lower: letters lose their case, once the words are found.
        punctuation: punctuation marks and symbols are tokens; else they are dropped.
        hmm: find words that the dictionary lacks, by a hidden Markov model.

    Raises:
        InputError: when called, if jieba is not installed.
    """

    lower: bool = True
    punctuation: bool = True
    hmm: bool = True

    def __call__(self, text: str) -> list[str]:
        cut = _segmenter().cut
        tokens: list[str] = []
        for word in self._words(text):
            for part in _PARTS.findall(word) if _HAN.search(word) else [word]:
                tokens += cut(part, HMM=self.hmm) if _HAN.search(part) else [part]
        return [token.lower() for token in tokens] if self.lower else tokens

    def settings(self) -> dict[str, Any]:
        return {"kind": "jieba", **asdict(self)}

    @cached_property
    def _words(self) -> WordTokenizer:
        return WordTokenizer(lower=False, punctuation=self.punctuation)


@cache
def _segmenter() -> Any:
    """jieba's, of its own dictionary: neither of one that the program has changed, nor of what
    jieba keeps in the folder for temporary files, where anybody may have written it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            jieba = import_module("jieba")
    except ModuleNotFoundError as error:
        raise InputError(
            'the tokenizer jieba is not installed: pip install "textdl[zh]", or cut the text into '
            "characters"
        ) from error
    segmenter = jieba.Tokenizer()
    segmenter.FREQ, segmenter.total = segmenter.gen_pfdict(segmenter.get_dict_file())
    segmenter.initialized = True
    return segmenter
