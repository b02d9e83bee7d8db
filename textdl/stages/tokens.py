"""Texts as token ids, with their vocabulary."""

from __future__ import annotations

from typing import Any

from textdl.errors import InputError
from textdl.pipeline import StageRun, stage
from textdl.text.corpus import Corpus
from textdl.text.documents import Documents
from textdl.text.encoding import build_corpus
from textdl.text.tokenizers import BpeTokenizer, WordTokenizer


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
    lower: bool = True,
    punctuation: bool = True,
    run: StageRun,
    **settings: Any,
) -> Corpus:
    if tokenizer and not (lower and punctuation):
        raise InputError(
            "lower and punctuation are settings of the word tokenizer: remove them, and choose "
            "the normalization of bpe instead"
        )
    cut = tokenizer or WordTokenizer(lower=lower, punctuation=punctuation)
    return build_corpus(documents, run.output, tokenizer=cut, progress=run, **settings)
