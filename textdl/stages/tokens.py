"""Texts as token ids, with their vocabulary."""

from __future__ import annotations

from typing import Any, Literal

from textdl.errors import InputError
from textdl.pipeline import StageRun, stage
from textdl.text.corpus import Corpus
from textdl.text.documents import Documents
from textdl.text.encoding import build_corpus
from textdl.text.tokenizers import UNTRAINED, BpeTokenizer


@stage(
    version=1,
    settings_of=build_corpus,
    without=("tokenizer", "progress"),
    unkeyed=("workers",),
)
def tokens(
    documents: Documents,
    tokenizer: BpeTokenizer | None = None,
    *,
    kind: Literal["words", "characters", "jieba"] = "words",
    lower: bool = True,
    punctuation: bool = True,
    run: StageRun,
    **settings: Any,
) -> Corpus:
    if tokenizer and not (kind == "words" and lower and punctuation):
        raise InputError(
            "kind, lower and punctuation mean nothing to a tokenizer of bpe: remove them, and "
            "choose the normalization of bpe instead"
        )
    cut = tokenizer or UNTRAINED[kind](lower=lower, punctuation=punctuation)
    return build_corpus(documents, run.output, tokenizer=cut, progress=run, **settings)
