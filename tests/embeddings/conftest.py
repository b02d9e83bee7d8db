import numpy as np
import pytest

from textdl.packed import PackedStrings
from textdl.text.corpus import Corpus
from textdl.text.tokenizers import WordTokenizer
from textdl.text.vocab import SPECIALS, Vocab


def make_corpus(documents, words=None):
    """A corpus in memory from documents of words numbered from 0, all in the split ``train``."""
    documents = [np.asarray(document, np.int32) for document in documents]
    tokens = [document + len(SPECIALS) for document in documents]
    flat = np.concatenate(tokens).astype(np.int32)
    size = words or int(flat.max()) + 1 - len(SPECIALS)
    names = [f"w{i}" for i in range(size)]
    counts = np.bincount(flat, minlength=size + len(SPECIALS)).astype(np.int64)
    offsets = np.concatenate([[0], np.cumsum([len(t) for t in tokens])]).astype(np.int64)
    return Corpus(
        tokens=flat,
        offsets=offsets,
        labels=np.full(len(documents), -1, np.int32),
        vocab=Vocab(PackedStrings.pack([*SPECIALS, *names]), counts),
        tokenizer=WordTokenizer(),
        label_names=[],
        splits={"train": range(len(documents))},
        info={},
    )


@pytest.fixture
def corpus():
    """100,000 words in two topics that share no word: even words go with even ones."""
    random = np.random.default_rng(0)
    weights = 1 / np.arange(1, 51)
    return make_corpus(
        random.choice(50, random.integers(5, 60), p=weights / weights.sum()) * 2 + i % 2
        for i in range(3000)
    )
