"""All trainers as functions from a corpus to vectors: a new one gets its tests by one more line."""

import shutil
import tempfile

import textdl

SMALL = {"dim": 16, "epochs": 2, "workers": 1}
WORDS = {**SMALL, "sample": 0.0}
SUBWORDS = {**WORDS, "bucket": 2000}
SOFTMAX = {**WORDS, "objective": "hierarchical-softmax"}


def glove(corpus, *, window=5, splits=None, **settings):
    folder = tempfile.mkdtemp()
    try:
        counts = textdl.count_cooccurrences(corpus, folder, window=window, splits=splits)
        return textdl.train_glove(counts, **settings)
    finally:
        shutil.rmtree(folder)


TRAINERS = {
    "skipgram": (textdl.train_skipgram, WORDS),
    "skipgram-softmax": (textdl.train_skipgram, SOFTMAX),
    "cbow": (textdl.train_cbow, WORDS),
    "cbow-softmax": (textdl.train_cbow, SOFTMAX),
    "fasttext": (textdl.train_fasttext, SUBWORDS),
    "fasttext-cbow": (textdl.train_fasttext, {**SUBWORDS, "architecture": "cbow"}),
    "floret": (textdl.train_fasttext, {**SUBWORDS, "mode": "floret", "hash_count": 2}),
    "glove": (glove, SMALL),
}
OVER_TEXT = [name for name in TRAINERS if name != "glove"]


def train(name, corpus, **settings):
    trainer, defaults = TRAINERS[name]
    return trainer(corpus, **{**defaults, **settings})
