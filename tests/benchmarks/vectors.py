"""Loading and asking vectors, beside gensim: on generated files of real size.

    python tests/benchmarks/vectors.py --work FOLDER

400,000 words (among the first 30,000 those of Google's analogies) with normally distributed numbers
of five digits, as GloVe's files have them. Both take turns; a figure is the median of
``--repeats``, a ratio gensim's time over ours. Files have been read before, so that they come from
the system's cache, and what is compiled is compiled. Single queries take turns by fifties, and a
figure is the median over all of them: for a tenth of a second after a matrix product the threads of
a BLAS wait for another, in a loop that keeps a core busy, and slow down whatever comes next. gensim
answers ``--queries`` of the 10,000 queries one by one; its time for all is scaled. Analogies:
Google's 19,544 questions among the first 30,000 words. Memory: how much the resident memory of a
fresh process grows at most while it loads, over the size of the float32 matrix.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from gensim.models import KeyedVectors
from gensim.models.fasttext import load_facebook_vectors

from textdl import Vectors, load_vectors, save_vectors
from textdl.vectors import evaluate
from textdl.vectors.evaluation.files import evaluation_file, read_questions
from textdl.vectors.ngrams import Ngrams
from textdl.vectors.subwords import SubwordComposition

MEASURE = """
import sys, textdl
{warm}
def rss():
    return int(next(l for l in open("/proc/self/status") if l.startswith("VmRSS")).split()[1])
def reset():
    open("/proc/self/clear_refs", "w").write("5")
reset()
before = rss()
{load}
peak = int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1])
print((peak - before) * 1024)
"""


def names(words: int) -> list[str]:
    """Distinct words, those of Google's analogies among the first 30,000."""
    google = sorted({word for _, asked in read_questions(evaluation_file("google-analogies"))
                     for word in asked})  # fmt: skip
    random = np.random.default_rng(0)
    letters = np.array(list("etaoinshrdlcumwfgypbvkjxqz"))
    made = {
        "".join(letters[random.integers(0, 26, random.integers(3, 12))]) for _ in range(2 * words)
    }
    others = sorted(made - set(google))[: words - len(google)]
    random.shuffle(others)
    first = others[: 30_000 - len(google)] + google
    random.shuffle(first)
    return first + others[30_000 - len(google) :]


def prepare(work: Path, words: int, dim: int, buckets: int) -> dict[str, Path]:
    paths = {
        kind: work / f"{kind}-{words}-{dim}"
        for kind in ("glove", "word2vec-binary", "fasttext", "textdl", "kv")
    }
    if all(path.exists() for path in paths.values()):
        return paths
    work.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(1)
    matrix = random.normal(scale=0.4, size=(words, dim)).astype(np.float32)
    matrix = np.round(matrix, 5).astype(np.float32)
    vectors = Vectors(names(words), matrix)
    for kind in ("glove", "word2vec-binary", "textdl"):
        save_vectors(vectors, paths[kind], format=kind)
    vectors.to_gensim().save(str(paths["kv"]))
    table = random.normal(size=(buckets, dim)).astype(np.float32)
    composition = SubwordComposition(Ngrams(3, 6, buckets), table, matrix)
    model = Vectors(vectors.words, matrix, composition=composition, context=matrix)
    save_vectors(model, paths["fasttext"], format="fasttext")
    return paths


def alternating(repeats: int, **who: Callable[[], Any]) -> dict[str, float]:
    """The median seconds of each, by turns."""
    times: dict[str, list[float]] = {name: [] for name in who}
    for _ in range(repeats):
        for name, work in who.items():
            started = time.perf_counter()
            result = work()
            times[name].append(time.perf_counter() - started)
            del result
    return {name: statistics.median(found) for name, found in times.items()}


def one_by_one(words: Iterator[str], turns: int, **who: Callable[[str], Any]) -> dict[str, float]:
    """The median seconds of a query of each, by turns of fifty queries."""
    times: dict[str, list[float]] = {name: [] for name in who}
    for _ in range(turns):
        for name, answer in who.items():
            for word in islice(words, 50):
                started = time.perf_counter()
                answer(word)
                times[name].append(time.perf_counter() - started)
    return {name: statistics.median(found) for name, found in times.items()}


def report(name: str, times: dict[str, float], bar: str) -> None:
    theirs, ours = times["gensim"], times["textdl"]
    print(
        f"{name:44}{_time(ours):>12}{_time(theirs):>12}{theirs / ours:9.1f} ×   {bar}", flush=True
    )


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def loading(paths: dict[str, Path], dim: int, repeats: int) -> None:
    glove, binary, model = (str(paths[k]) for k in ("glove", "word2vec-binary", "fasttext"))
    load_vectors(glove, limit=50_000)  # compiles
    load_vectors(binary, limit=50_000)
    load_vectors(model)
    report(
        f"GloVe text, dim {dim}, load",
        alternating(
            repeats,
            gensim=lambda: KeyedVectors.load_word2vec_format(glove, no_header=True),
            textdl=lambda: load_vectors(glove),
        ),
        "8",
    )
    report(
        f"word2vec binary, dim {dim}, load",
        alternating(
            repeats,
            gensim=lambda: KeyedVectors.load_word2vec_format(binary, binary=True),
            textdl=lambda: load_vectors(binary),
        ),
        "2.5",
    )
    report(
        f"fastText .bin, dim {dim}, load",
        alternating(
            repeats,
            gensim=lambda: load_facebook_vectors(model),
            textdl=lambda: load_vectors(model),
        ),
        "2",
    )
    word = load_vectors(paths["textdl"]).words[-1]
    report(
        f"native, dim {dim}, open and look a word up",
        alternating(
            max(repeats, 5),
            gensim=lambda: KeyedVectors.load(str(paths["kv"]), mmap="r")[word],
            textdl=lambda: load_vectors(paths["textdl"])[word].sum(),
        ),
        "under 50 ms",
    )


def asking(paths: dict[str, Path], dim: int, repeats: int, queries: int) -> None:
    theirs = KeyedVectors.load(str(paths["kv"]))
    ours = load_vectors(paths["textdl"])
    random = np.random.default_rng(2)
    asked = [ours.words[i] for i in random.integers(0, len(ours), 10_000).tolist()]
    exact = ours.index("exact", check=0)
    for word in asked[:3]:
        expected = [name for name, _ in theirs.most_similar(word)]
        assert ours.neighbors(word).words == expected == exact.neighbors(word).words

    query = one_by_one(
        iter(asked * 10),
        max(repeats, 3),
        gensim=theirs.most_similar,
        textdl=lambda word: ours.neighbors(word).words,
        compact=lambda word: exact.neighbors(word).words,
    )
    report(f"one query, dim {dim}", query, "1")
    report(f"one query, dim {dim}, compact copy", query | {"textdl": query["compact"]}, "2")

    some = asked[:queries]
    batch = alternating(
        repeats,
        gensim=lambda: [theirs.most_similar(word) for word in some],
        textdl=lambda: ours.neighbors(asked),
    )
    batch["gensim"] *= len(asked) / len(some)
    report(f"10,000 queries at once, dim {dim}", batch, "7")

    questions = str(evaluation_file("google-analogies"))
    evaluate.analogies(ours, questions, restrict=30_000)
    report(
        f"Google analogies among 30,000, dim {dim}",
        alternating(
            repeats,
            gensim=lambda: theirs.evaluate_word_analogies(questions, restrict_vocab=30_000),
            textdl=lambda: evaluate.analogies(ours, questions, restrict=30_000),
        ),
        "30",
    )


def memory(paths: dict[str, Path], words: int, dim: int) -> None:
    for kind in ("glove", "word2vec-binary"):
        found = {}
        for who, warm, load in (
            ("textdl", f"v = textdl.load_vectors({str(paths[kind])!r}, limit=30000)",
             f"v = textdl.load_vectors({str(paths[kind])!r})"),
            ("gensim", "from gensim.models import KeyedVectors",
             f"KeyedVectors.load_word2vec_format({str(paths[kind])!r}, "
             + ("binary=True)" if "binary" in kind else "no_header=True)")),
        ):  # fmt: skip
            code = MEASURE.format(warm=warm, load=load)
            out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
            found[who] = int(out.stdout) / (words * dim * 4)
        print(
            f"peak memory, {kind}, dim {dim}: textdl {found['textdl']:.2f} × the matrix, gensim "
            f"{found['gensim']:.2f} ×   (below 1.3)",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True, help="a folder for the files, kept")
    parser.add_argument("--words", type=int, default=400_000)
    parser.add_argument("--dims", default="300,100")
    parser.add_argument("--buckets", type=int, default=2_000_000, help="of the fastText model")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--only", choices=["loading", "asking", "memory"])
    arguments = parser.parse_args()
    print(f"{'':44}{'textdl':>12}{'gensim':>12}{'ratio':>11}   at least")
    for dim in map(int, arguments.dims.split(",")):
        paths = prepare(arguments.work, arguments.words, dim, arguments.buckets)
        if arguments.only in (None, "loading"):
            loading(paths, dim, arguments.repeats)
        if arguments.only in (None, "asking"):
            asking(paths, dim, arguments.repeats, arguments.queries)
        if arguments.only in (None, "memory"):
            memory(paths, arguments.words, dim)


if __name__ == "__main__":
    main()
