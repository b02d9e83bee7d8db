"""The baseline that sees no word order: logistic regression on the words of a text."""

from __future__ import annotations

from typing import Any

from textdl.classifiers import BagOfWords, fit_bag_of_words
from textdl.pipeline import stage
from textdl.text.corpus import Corpus


@stage(version=1, settings_of=fit_bag_of_words)
def bag_of_words(corpus: Corpus, **settings: Any) -> BagOfWords:
    return fit_bag_of_words(corpus, **settings)
