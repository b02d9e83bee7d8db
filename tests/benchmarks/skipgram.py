"""Skip-gram beside gensim: speed and quality on the same text, in one run.

    python tests/benchmarks/skipgram.py --corpus FILE [--repeats 3] [--epochs 1] [--workers 2]

FILE is plain text, plain or compressed, lower case, also on one line. Both train with the same
settings (dim 100, window 5, 5 negatives, sample 1e-3, min_count 5) and as many threads, in turns.

Words/s counts the raw words of the corpus, those below min_count included, per second of wall time
of training. Reading the text and counting words is not in it, nor is compiling. gensim reads
through ``corpus_file``, its fastest way, from lines of 10,000 words: it drops what is longer.

Quality is Spearman's rank correlation with WordSim-353 and SimLex-999 as gensim installs them, over
the pairs of which both words have vectors; the seed of each repeat is its number.
"""

from __future__ import annotations

import argparse
import csv
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from gensim.models import Word2Vec
from gensim.test.utils import datapath
from scipy.stats import spearmanr

from textdl import Corpus, Vectors, build_corpus, read_documents, train_skipgram

LINE = 10_000


@dataclass
class Result:
    speed: float
    wordsim: float
    simlex: float


def train_ours(corpus: Corpus, words: int, epochs: int, workers: int, seed: int) -> Result:
    started = time.perf_counter()
    vectors = train_skipgram(corpus, epochs=epochs, workers=workers, seed=seed)
    return _result(vectors, words * epochs / (time.perf_counter() - started))


def train_gensim(lines: Path, words: int, epochs: int, workers: int, seed: int) -> Result:
    model = Word2Vec(
        sg=1, vector_size=100, window=5, negative=5, sample=1e-3, min_count=5,
        epochs=epochs, workers=workers, seed=seed,
    )  # fmt: skip
    model.build_vocab(corpus_file=str(lines))
    started = time.perf_counter()
    model.train(
        corpus_file=str(lines),
        total_words=model.corpus_total_words,
        total_examples=model.corpus_count,
        epochs=epochs,
    )
    speed = words * epochs / (time.perf_counter() - started)
    return _result(Vectors(model.wv.index_to_key, model.wv.vectors), speed)


def _result(vectors: Vectors, speed: float) -> Result:
    return Result(
        speed,
        wordsim=correlation(vectors, Path(datapath("wordsim353.tsv"))),
        simlex=correlation(vectors, Path(datapath("simlex999.txt"))),
    )


def correlation(vectors: Vectors, pairs: Path) -> float:
    """Spearman's rank correlation of cosines with people's judgements."""
    with pairs.open(encoding="utf-8") as file:
        rows = [row for row in csv.reader(file, delimiter="\t") if not row[0].startswith("#")]
    known = [
        (vectors.similarity(a.lower(), b.lower()), float(score))
        for a, b, score in rows
        if a.lower() in vectors and b.lower() in vectors
    ]
    return float(spearmanr(*zip(*known, strict=True)).statistic)


def write_lines(corpus: Corpus, path: Path) -> int:
    """The corpus as gensim wants it; returns the number of raw words."""
    words = list(corpus.vocab.words)
    with path.open("w", encoding="utf-8") as file:
        for i in range(len(corpus)):
            document = corpus.document(i)
            for start in range(0, len(document), LINE):
                file.write(" ".join(words[t] for t in document[start : start + LINE].tolist()))
                file.write("\n")
    return len(corpus.tokens)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        documents = read_documents(options.corpus, folder / "documents")
        corpus = build_corpus(documents, folder / "corpus")
        every_word = build_corpus(documents, folder / "every-word", min_count=1)
        words = write_lines(every_word, folder / "lines.txt")
        print(f"{words:,} words, vocabulary {len(corpus.vocab):,}, {options.workers} threads")
        train_skipgram(corpus, epochs=1, splits=["train"], lr=1e-4)  # compiles
        ours, theirs = [], []
        for seed in range(1, options.repeats + 1):
            common = (words, options.epochs, options.workers, seed)
            theirs.append(train_gensim(folder / "lines.txt", *common))
            ours.append(train_ours(corpus, *common))
            print(f"  {seed}: textdl {ours[-1].speed:,.0f}, gensim {theirs[-1].speed:,.0f} words/s")
    print(f"{'':8}{'words/s':>12}{'ratio':>8}{'WordSim-353':>20}{'SimLex-999':>20}")
    base = statistics.median(result.speed for result in theirs)
    for label, results in (("textdl", ours), ("gensim", theirs)):
        speed = statistics.median(result.speed for result in results)
        print(
            f"{label:8}{speed:12,.0f}{speed / base:8.2f}"
            f"{spread([r.wordsim for r in results]):>20}{spread([r.simlex for r in results]):>20}"
        )


def spread(values: list[float]) -> str:
    """Mean ± standard deviation."""
    deviation = statistics.stdev(values) if len(values) > 1 else 0
    return f"{statistics.mean(values):.3f} ± {deviation:.3f}"


if __name__ == "__main__":
    main()
