"""Corpora and vectors in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from textdl.text.corpus import Corpus
from textdl.text.tokenizers import WordTokenizer
from textdl.text.vocab import Vocab
from textdl.vectors import Vectors

Labelled = Sequence[tuple[str, int]]


def make_corpus(label_names: list[str], **splits: Labelled) -> Corpus:
    tokenizer = WordTokenizer()
    documents = [(tokenizer(text), label) for split in splits.values() for text, label in split]
    vocab = Vocab.from_counts(dict(Counter(word for words, _ in documents for word in words)))
    ids = [vocab.encode(words) for words, _ in documents]
    ends = np.cumsum([0, *map(len, splits.values())]).tolist()
    return Corpus(
        tokens=np.concatenate([np.zeros(0, np.int32), *ids]),
        offsets=np.cumsum([0, *map(len, ids)]),
        labels=np.array([label for _, label in documents], np.int32),
        vocab=vocab,
        tokenizer=tokenizer,
        label_names=label_names,
        splits={name: range(*ends[i : i + 2]) for i, name in enumerate(splits)},
        info={},
    )


def reviews(n: int, seed: int, *, ordered: bool = False) -> Labelled:
    """Texts whose label is told by a word; if ``ordered``, only by which of two words is first."""
    random = np.random.default_rng(seed)
    texts = []
    for label in random.integers(0, 2, n).tolist():
        words = [f"w{i}" for i in random.integers(0, 30, random.integers(2, 12))]
        told = [["bad", "good"], ["good", "bad"]] if ordered else [["bad"], ["good"]]
        place = int(random.integers(0, len(words) + 1))
        texts.append((" ".join([*words[:place], *told[label], *words[place:]]), label))
    return texts


def review_corpus(n: int = 200, *, ordered: bool = False) -> Corpus:
    return make_corpus(
        ["neg", "pos"],
        train=reviews(n, 1, ordered=ordered),
        test=reviews(300, 2, ordered=ordered),
    )


def make_vectors(corpus: Corpus, dim: int = 8, leave_out: Sequence[str] = ()) -> Vectors:
    words = [word for word in corpus.vocab.words[2:] if word not in leave_out]
    matrix = np.random.default_rng(3).normal(0, 0.5, (len(words), dim))
    return Vectors(words, matrix)
