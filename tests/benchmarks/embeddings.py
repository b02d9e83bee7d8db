"""The embedding trainers beside gensim and fastText: speed, memory and quality on the same text.

    python tests/benchmarks/embeddings.py --corpus FILE [--only speed|quality] [--rows skipgram,…]

FILE is plain text, lower case, plain or compressed, also on one line. All train with dimension
100, window 5, 5 negative samples, sample 1e-3 and words that occur five times, on as many threads,
taking turns. gensim reads through ``corpus_file``, its fastest way, from lines of 10,000 words: it
drops what is longer.

Words/s counts the raw words of the corpus, those below min_count included, per second of wall time
of training. Reading the text and counting words is not in it, nor is compiling; in fastText's it
is, because it has no call for training alone. A ratio is the peer's median time over ours, the
faster peer's where there are two. GloVe counts (window 10) and trains five iterations, beside one
epoch of gensim's skip-gram. ``raw`` is everything from a text file to saved vectors in a fresh
process, skip-gram for one epoch, Python's start included, and that process' peak memory in MB: of
its own, and with the pages of files that it has mapped (libraries, text).

Quality is the mean and the standard deviation over seeds of Spearman's rank correlation with
WordSim-353 and SimLex-999, and of the percentage of Google's analogies that are answered rightly,
among the 30,000 most frequent words and among all. GloVe is trained for 15 iterations with window
15 and x_max 10, as in its own demo script, and lr 0.025, which of 0.025 and 0.05 was better on
SimLex-999.

Every measurement is written to ``--results`` at once, and is not made again if it is there.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from gensim.models import FastText, KeyedVectors, Word2Vec

import textdl
from textdl import Corpus, Vectors, build_corpus, read_documents
from textdl.vectors import evaluate
from textdl.vectors.evaluation.files import evaluation_file

LINE = 10_000
GENSIM = {"vector_size": 100, "window": 5, "negative": 5, "sample": 1e-3, "min_count": 5}
GLOVE_DEMO = {"window": 15, "x_max": 10.0, "lr": 0.025}
PEERS = {
    "skipgram": ["gensim"],
    "cbow": ["gensim"],
    "fasttext": ["gensim", "fasttext"],
    "softmax": ["gensim"],
    "glove": [],
}
"""Whom a model is compared with."""


class Text:
    """The corpus in the forms that the programs read."""

    def __init__(self, file: str, folder: Path, workers: int) -> None:
        self.folder, self.workers = folder, workers
        self.raw, self.lines = folder / "raw.txt", folder / "lines.txt"
        if not self.lines.exists():
            folder.mkdir(parents=True, exist_ok=True)
            documents = read_documents(file, folder / "documents")
            build_corpus(documents, folder / "corpus")
            with self.raw.open("w", encoding="utf-8") as raw:
                raw.writelines(f"{text}\n" for text in documents.texts)
            with self.lines.open("w", encoding="utf-8") as lines:
                for text in documents.texts:
                    words = text.split()
                    for start in range(0, len(words), LINE):
                        lines.write(" ".join(words[start : start + LINE]) + "\n")
        self.corpus = Corpus.load(folder / "corpus")
        self.words = len(self.corpus.tokens)


def train(who: str, row: str, text: Text, epochs: int, seed: int) -> tuple[float, Vectors]:
    """Seconds of training, and the vectors."""
    return TRAINERS[who](row, text, epochs, seed)


def train_textdl(row: str, text: Text, epochs: int, seed: int) -> tuple[float, Vectors]:
    settings: dict[str, Any] = {"epochs": epochs, "seed": seed, "workers": text.workers}
    trainers: dict[str, Callable[[], Vectors]] = {
        "skipgram": lambda: textdl.train_skipgram(text.corpus, **settings),
        "cbow": lambda: textdl.train_cbow(text.corpus, **settings),
        "fasttext": lambda: textdl.train_fasttext(text.corpus, **settings),
        "softmax": lambda: textdl.train_skipgram(
            text.corpus, objective="hierarchical-softmax", **settings
        ),
        "glove": lambda: glove(text, {"window": 10} if epochs <= 5 else GLOVE_DEMO, **settings),
    }
    return timed(trainers[row])


def glove(text: Text, shape: dict[str, Any], *, workers: int, **settings: Any) -> Vectors:
    window, rest = shape["window"], {k: v for k, v in shape.items() if k != "window"}
    with tempfile.TemporaryDirectory(dir=text.folder) as folder:
        counts = textdl.count_cooccurrences(text.corpus, folder, window=window, workers=workers)
        return textdl.train_glove(counts, workers=workers, **rest, **settings)


def train_gensim(row: str, text: Text, epochs: int, seed: int) -> tuple[float, Vectors]:
    settings = {**GENSIM, "sg": int(row != "cbow"), "seed": seed, "workers": text.workers}
    if row == "softmax":
        settings |= {"hs": 1, "negative": 0}
    model = FastText(**settings) if row == "fasttext" else Word2Vec(**settings)
    model.build_vocab(corpus_file=str(text.lines))
    seconds, _ = timed(
        lambda: model.train(
            corpus_file=str(text.lines),
            total_words=model.corpus_total_words,
            total_examples=model.corpus_count,
            epochs=epochs,
        )
    )
    return seconds, Vectors(model.wv.index_to_key, model.wv.vectors)


def train_fasttext(row: str, text: Text, epochs: int, seed: int) -> tuple[float, Vectors]:
    import fasttext

    # Takes no seed: on several threads each training differs anyway.
    seconds, model = timed(
        lambda: fasttext.train_unsupervised(
            str(text.lines), model="skipgram", dim=100, ws=5, neg=5, t=1e-3, minCount=5, minn=3,
            maxn=6, lr=0.025, epoch=epochs, thread=text.workers, verbose=0,
        )
    )  # fmt: skip
    words = model.get_words()
    return seconds, Vectors(words, np.stack([model.get_word_vector(word) for word in words]))


TRAINERS = {"textdl": train_textdl, "gensim": train_gensim, "fasttext": train_fasttext}


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


FRESH = {
    "textdl": """
import sys, textdl
raw, out, workers = sys.argv[1], sys.argv[3], int(sys.argv[4])
documents = textdl.read_documents(raw, out + "/documents")
corpus = textdl.build_corpus(documents, out + "/corpus", workers=workers)
textdl.train_skipgram(corpus, epochs=1, workers=workers).save(out + "/vectors")
""",
    "gensim": """
import sys
from gensim.models import Word2Vec
lines, out, workers = sys.argv[2], sys.argv[3], int(sys.argv[4])
model = Word2Vec(corpus_file=lines, sg=1, vector_size=100, window=5, negative=5, sample=1e-3,
                 min_count=5, epochs=1, workers=workers)
model.wv.save(out + "/vectors")
""",
}


def measure_fresh(who: str, text: Text) -> dict[str, float]:
    """A whole job in a process of its own: seconds and peak memory in megabytes, of its own pages
    and of those and the files' that it has mapped, libraries among them."""
    with tempfile.TemporaryDirectory(dir=text.folder) as out:
        command = [sys.executable, "-c", FRESH[who], text.raw, text.lines, out, str(text.workers)]
        peaks = {"RssAnon": 0, "VmHWM": 0}
        started = time.perf_counter()
        process = subprocess.Popen(command)
        status = Path(f"/proc/{process.pid}/status")
        while process.poll() is None:
            lines = (line.split() for line in status.read_text().splitlines())
            for name, value in ((line[0].rstrip(":"), line[1]) for line in lines if len(line) > 2):
                if name in peaks:
                    peaks[name] = max(peaks[name], int(value))
            time.sleep(0.02)
        seconds = time.perf_counter() - started
    if process.returncode:
        raise RuntimeError(f"{who} failed")
    own, resident = peaks["RssAnon"] / 1024, peaks["VmHWM"] / 1024
    return {"seconds": seconds, "own memory": own, "resident memory": resident}


def measure_speed(who: str, row: str, text: Text, repeat: int) -> dict[str, float]:
    epochs = 5 if row == "glove" else 1
    seconds, _ = train(who, row, text, epochs, repeat)
    return {"seconds": seconds}


def measure_quality(vectors: Vectors) -> dict[str, float]:
    analogies = evaluation_file("google-analogies")
    top = evaluate.analogies(vectors, analogies, restrict=30_000)
    full = evaluate.analogies(vectors, analogies)
    return {
        "wordsim": evaluate.similarity(vectors, evaluation_file("wordsim353")).rho,
        "simlex": evaluate.similarity(vectors, evaluation_file("simlex999")).rho,
        "top30k": 100 * top.total.accuracy,
        "full": 100 * full.total.accuracy,
        "coverage30k": 100 * top.total.coverage,
        "coverage": 100 * full.total.coverage,
    }


def train_and_judge(who: str, row: str, text: Text, epochs: int, seed: int) -> dict[str, float]:
    return measure_quality(train(who, row, text, epochs, seed)[1])


class Results:
    """What was measured, by name, in a file."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.measured: dict[str, dict[str, float]] = {}
        if file and file.exists():
            self.measured = json.loads(file.read_text("utf-8"))["measured"]

    def once(self, name: str, measure: Callable[[], dict[str, float]]) -> None:
        """Measure unless it has been; a failure costs this measurement only."""
        if name in self.measured:
            return
        try:
            self.measured[name] = measure()
        except Exception as error:
            print(f"  {name}: {type(error).__name__}: {error}", flush=True)
            return
        text = ", ".join(f"{key} {value:.4g}" for key, value in self.measured[name].items())
        print(f"  {name}: {text}", flush=True)
        if self.file:
            temporary = self.file.with_suffix(".new")
            temporary.write_text(json.dumps({"machine": machine(), "measured": self.measured}))
            temporary.replace(self.file)

    def all(self, prefix: str, key: str) -> list[float]:
        return [
            values[key] for name, values in self.measured.items() if name.startswith(prefix + " ")
        ]


def machine() -> dict[str, Any]:
    names = ("textdl", "gensim", "fasttext", "numba", "numpy")
    versions = {}
    for name in names:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    cpu = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.split(":")[1].strip()
    return {"cpu": cpu, "cores": os.cpu_count(), "python": platform.python_version(), **versions}


def peers(row: str, wanted: list[str]) -> list[str]:
    found = []
    for name in (name for name in PEERS[row] if name in wanted):
        if machine()[name] == "not installed":
            print(f"  {row}: {name} is not installed, so it is left out")
        else:
            found.append(name)
    return found


def run_speed(
    results: Results, rows: list[str], wanted: list[str], text: Text, repeats: int
) -> None:
    for row in rows:
        if row in PEERS:
            train("textdl", row, text, 1, 1)  # compiles
    for repeat in range(1, repeats + 1):
        for row in rows:
            if row == "raw":
                for who in ("gensim", "textdl"):
                    results.once(f"raw {who} {repeat}", partial(measure_fresh, who, text))
                continue
            if row == "threads":
                for workers in (1, 2):
                    alone = Text("", text.folder, workers)
                    for model in ("skipgram", "cbow", "fasttext"):
                        name = f"threads {model} {workers} {repeat}"
                        results.once(name, partial(measure_speed, "textdl", model, alone, repeat))
                continue
            for who in [*peers(row, wanted), "textdl"]:
                name = f"speed {row} {who} {repeat}"
                results.once(name, partial(measure_speed, who, row, text, repeat))


def run_quality(
    results: Results,
    rows: list[str],
    wanted: list[str],
    text: Text,
    seeds: list[int],
    epochs: int,
) -> None:
    for seed in seeds:
        for row in [row for row in rows if row in PEERS]:
            for who in ["textdl", *peers(row, wanted)[-1:]]:
                passes = 15 if row == "glove" else epochs
                results.once(
                    f"quality {row} {who} {seed}",
                    partial(train_and_judge, who, row, text, passes, seed),
                )


def print_speed(results: Results, words: int) -> None:
    print(f"\n{'':12}{'':10}{'words/s':>12}{'seconds':>10}{'ratio':>8}")
    for row in PEERS:
        times = {
            who: statistics.median(found)
            for who in ("textdl", *PEERS[row])
            if (found := results.all(f"speed {row} {who}", "seconds"))
        }
        if row == "glove" and (skipgram := results.all("speed skipgram gensim", "seconds")):
            times |= {"sg epoch": statistics.median(skipgram)} if times else {}
        if "textdl" not in times:
            continue
        others = [seconds for who, seconds in times.items() if who != "textdl"]
        for who, seconds in times.items():
            ratio = f"{min(others) / seconds:8.2f}" if who == "textdl" and others else ""
            speed = "" if row == "glove" else f"{words / seconds:,.0f}"
            print(f"{row:12}{who:10}{speed:>12}{seconds:10.1f}{ratio}")
    for key, digits in (("seconds", 1), ("own memory", 0), ("resident memory", 0)):
        ours, theirs = (results.all(f"raw {who}", key) for who in ("textdl", "gensim"))
        if ours and theirs:
            a, b = statistics.median(ours), statistics.median(theirs)
            print(
                f"raw text to saved vectors, {key}: textdl {a:.{digits}f}, gensim {b:.{digits}f}, "
                f"ratio {b / a:.2f}"
            )
    for model in ("skipgram", "cbow", "fasttext"):
        one, two = (results.all(f"threads {model} {workers}", "seconds") for workers in (1, 2))
        if one and two:
            ratio = statistics.median(a / b for a, b in zip(one, two, strict=False))
            print(f"{model}, one thread to two: {ratio:.2f} ×")


def print_quality(results: Results) -> None:
    heads = ("WordSim-353", "SimLex-999", "top 30k", "full")
    print(f"\n{'':12}{'':10}" + "".join(f"{head:>18}" for head in heads) + f"{'coverage':>14}")
    for row in PEERS:
        for who in ("textdl", *PEERS[row]):
            name = f"quality {row} {who}"
            if not results.all(name, "wordsim"):
                continue
            columns = [
                spread(results.all(name, "wordsim"), 3),
                spread(results.all(name, "simlex"), 3),
                spread(results.all(name, "top30k"), 1),
                spread(results.all(name, "full"), 1),
            ]
            covered = [results.all(name, key)[0] for key in ("coverage30k", "coverage")]
            print(
                f"{row:12}{who:10}"
                + "".join(f"{column:>18}" for column in columns)
                + f"{covered[0]:7.0f}{covered[1]:5.0f} %"
            )


def spread(values: list[float], digits: int) -> str:
    """Mean ± standard deviation."""
    deviation = statistics.stdev(values) if len(values) > 1 else 0
    return f"{statistics.mean(values):.{digits}f} ± {deviation:.{digits}f}"


def judge_file(file: str) -> dict[str, float]:
    """Of vectors that were trained before: word2vec's binary format, or .npz (words, vectors)."""
    if file.endswith(".npz"):
        arrays = np.load(file)
        return measure_quality(Vectors(arrays["words"].tolist(), arrays["vectors"]))
    vectors = KeyedVectors.load_word2vec_format(file, binary=True)
    return measure_quality(Vectors(vectors.index_to_key, vectors.vectors))


def main() -> None:
    rows = [*PEERS, "raw", "threads"]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--only", choices=["speed", "quality"])
    parser.add_argument("--rows", default=",".join(row for row in rows if row != "softmax"))
    parser.add_argument("--peers", default="gensim,fasttext")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--epochs", type=int, default=5, help="of quality")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--work", type=Path, help="a folder for the corpus, kept")
    parser.add_argument("--results", type=Path)
    parser.add_argument("--print-only", action="store_true")
    parser.add_argument(
        "--score", action="append", default=[], metavar="ROW:WHO:SEED=FILE",
        help="take the quality of vectors trained before",
    )  # fmt: skip
    options = parser.parse_args()
    chosen = options.rows.split(",")
    if unknown := set(chosen) - set(rows):
        parser.error(f"no row {unknown.pop()!r}: choose from {', '.join(rows)}")
    wanted = options.peers.split(",")
    results = Results(options.results)
    with tempfile.TemporaryDirectory() as temporary:
        text = Text(options.corpus, options.work or Path(temporary), options.workers)
        for name, value in machine().items():
            print(f"{name}: {value}")
        print(f"{text.words:,} words, {text.corpus.vocab}, {text.workers} threads")
        for scored in options.score:
            name, file = scored.split("=", 1)
            results.once(f"quality {name.replace(':', ' ')}", partial(judge_file, file))
        if not options.print_only:
            if options.only != "quality":
                run_speed(results, chosen, wanted, text, options.repeats)
            if options.only != "speed":
                seeds = [int(seed) for seed in options.seeds.split(",")]
                run_quality(results, chosen, wanted, text, seeds, options.epochs)
        print_speed(results, text.words)
        print_quality(results)


if __name__ == "__main__":
    main()
