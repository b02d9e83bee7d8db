"""How near skip-gram comes to what the machine can do.

    python tests/benchmarks/roofline.py --corpus FOLDER [--workers 2]

FOLDER holds a saved corpus. Prints the machine's ceilings, measured with as many threads (a matrix
product of float32, a copy of memory), and for one epoch of skip-gram with the default settings the
floating-point operations and the bytes of parameters read and written for each word of the corpus,
what that makes per second, and the fraction of the ceilings.

A pair of an input and an output row takes 2·dim operations for its score and 4·dim for its two
updates. A window reads and writes its input rows, its word's output row, and the rows of its
negative samples; nearly all of that comes from some cache, so that its fraction can pass 1.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from threadpoolctl import threadpool_limits

from textdl import Corpus, train_skipgram

DIM, NEGATIVE = 100, 5


def best_time(work: Callable[[], object], repeats: int = 5) -> float:
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def product_flops(workers: int) -> float:
    """Operations per second of a float32 matrix product."""
    n = 2048
    a, b = np.random.default_rng(0).random((2, n, n), np.float32)
    with threadpool_limits(workers):
        return 2 * n**3 / best_time(lambda: a @ b)


def copy_bytes(workers: int) -> float:
    """Bytes read and written per second by copies of arrays larger than the caches."""
    arrays = [(np.ones(1 << 26, np.float32), np.empty(1 << 26, np.float32)) for _ in range(workers)]
    with ThreadPoolExecutor(workers) as pool:

        def copy() -> None:
            list(pool.map(lambda pair: np.copyto(pair[1], pair[0]), arrays))

        copy()
        return workers * 2 * arrays[0][0].nbytes / best_time(copy)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    options = parser.parse_args()
    corpus = Corpus.load(options.corpus)
    flops, copied = product_flops(options.workers), copy_bytes(options.workers)
    print(f"{options.workers} threads: matrix product {flops / 1e9:.0f} Gflop/s, ", end="")
    print(f"copy {copied / 1e9:.1f} GB/s read and written")

    words = corpus.tokens_in(corpus.training_splits())
    vectors = train_skipgram(corpus, epochs=1, workers=options.workers)
    seconds = statistics.median(
        best_time(lambda: train_skipgram(corpus, epochs=1, workers=options.workers), 1)
        for _ in range(3)
    )
    pairs = vectors.info["pairs"][0] / words
    windows = pairs / 6  # a window shrunk to 1…5 words a side has 6 on average
    operations = pairs * (1 + NEGATIVE) * 6 * DIM
    moved = windows * (6 + 1 + NEGATIVE) * DIM * 4 * 2
    rate = words / seconds
    print(f"skip-gram: {rate / 1e6:.2f} M words/s, {pairs:.2f} pairs a word")
    print(
        f"  {operations:,.0f} operations a word: {operations * rate / 1e9:.1f} Gflop/s, "
        f"{operations * rate / flops:.2f} of the product"
    )
    print(
        f"  {moved:,.0f} bytes a word: {moved * rate / 1e9:.1f} GB/s, "
        f"{moved * rate / copied:.2f} of the copy"
    )


if __name__ == "__main__":
    main()
