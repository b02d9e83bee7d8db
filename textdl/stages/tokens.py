"""Texts as token ids, with their vocabulary."""

from __future__ import annotations

from typing import Any

from textdl.pipeline import StageRun, stage
from textdl.text.corpus import Corpus
from textdl.text.documents import Documents
from textdl.text.encoding import build_corpus
from textdl.text.tokenizers import WordTokenizer


@stage(
    version=1,
    settings_of=build_corpus,
    without=("tokenizer", "progress"),
    unkeyed=("workers",),
)
def tokens(
    documents: Documents,
    *,
    lower: bool = True,
    punctuation: bool = True,
    run: StageRun,
    **settings: Any,
) -> Corpus:
    tokenizer = WordTokenizer(lower=lower, punctuation=punctuation)
    return build_corpus(documents, run.output, tokenizer=tokenizer, progress=run, **settings)
