"""From documents to a corpus: tokenize in parallel, count, number."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import compress, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from textdl.arrays import NpyWriter
from textdl.compiling import announced_compilation
from textdl.errors import InputError
from textdl.packed import PackedStrings
from textdl.paging import release, release_heap
from textdl.progress import Progress, Silent
from textdl.settings import checked
from textdl.text.corpus import Corpus, choose_splits
from textdl.text.documents import Documents
from textdl.text.tokenizers import BpeTokenizer, Tokenizer, WordTokenizer
from textdl.text.vocab import SPECIALS, UNKNOWN, Vocab
from textdl.threads import cores

if TYPE_CHECKING:
    from textdl.text.scanning import Scanned, WordTable

CHUNK_BYTES = 2_000_000
COMPILED_BYTES = 10_000_000
"""From so much text on, the compiled tokenizer repays loading Numba."""

_TWO_SPACES = re.compile(
    rb"(?<=[0-9A-Za-z\x80-\xff])[ \n][0-9A-Za-z\x80-\xff]+[ \n](?=[0-9A-Za-z\x80-\xff])"
)


@dataclass(frozen=True)
class _Chunk:
    """A piece of work: consecutive segments of one split's text.

    Segment ``i`` is ``bounds[i]:bounds[i + 1]`` in bytes. A segment is a document; the first and
    the last may be parts of one that is too long for a chunk.
    """

    split: str
    bounds: NDArray[np.int64]
    continues: bool


class _Encoded(NamedTuple):
    words: list[str]
    ids: NDArray[np.int32]
    lengths: NDArray[np.int64]


class _Numbering(dict[str, int]):
    def __missing__(self, word: str) -> int:
        self[word] = number = len(self)
        return number

    def number(self, words: list[str]) -> NDArray[np.int32]:
        return np.fromiter(map(self.__getitem__, words), np.int32, len(words))

    def merge(self, piece: _Encoded) -> NDArray[np.int32]:
        return self.number(piece.words)[piece.ids]


@checked
def build_corpus(
    documents: Documents,
    folder: str | Path,
    *,
    tokenizer: Tokenizer | None = None,
    min_count: Annotated[int, Ge(1)] = 5,
    max_size: Annotated[int, Ge(1)] | None = None,
    vocab_splits: list[str] | None = None,
    workers: Annotated[int, Ge(1)] | None = None,
    progress: Progress | None = None,
) -> Corpus:
    """Tokenize documents and write a :class:`Corpus` into ``folder``.

    All splits are encoded; the vocabulary counts only ``vocab_splits``. The result does not depend
    on ``workers``.

    Args:
        tokenizer: default :class:`WordTokenizer`.
        min_count: rarer words become ``<unk>``. The pieces of a BPE tokenizer are all kept.
        max_size: at most so many words, the most frequent ones.
        vocab_splits: default every split but ``test`` and ``validation``.
        workers: threads or processes; default one per core.

    Raises:
        InputError: there are no tokens, no word reaches ``min_count``, or a split does not exist.
    """
    tokenizer = tokenizer or WordTokenizer()
    if isinstance(tokenizer, BpeTokenizer) and max_size is not None:
        raise InputError("max_size: the vocabulary of a BPE tokenizer is its pieces, all of them")
    progress = progress or Silent()
    counted = choose_splits(list(documents.splits), vocab_splits)
    counts = np.zeros(0, np.int64)
    lengths: list[NDArray[np.int64]] = []

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("corpus.json", "tokens.npy"):  # whoever has them open keeps what they see
        (folder / name).unlink(missing_ok=True)
    chunks = list(_cut(documents))
    total = sum(int(chunk.bounds[-1] - chunk.bounds[0]) for chunk in chunks)
    done = 0
    with NpyWriter(folder / "tokens.npy", np.int32) as tokens:
        if type(tokenizer) is WordTokenizer and total >= COMPILED_BYTES:
            from textdl.text.scanning import WordTable

            words: _Numbering | WordTable = WordTable()
            encoded: Iterator[Any] = _encode_compiled(
                documents, chunks, tokenizer, workers, progress
            )
        else:
            words = _Numbering()
            encoded = _encode_chunks(documents, chunks, tokenizer, workers)
        for chunk, piece in zip(chunks, encoded, strict=True):
            ids = words.merge(piece)
            tokens.append(ids)
            if len(words) > len(counts):
                counts = np.concatenate([counts, np.zeros(len(words) - len(counts), np.int64)])
            if chunk.split in counted:
                counts += np.bincount(ids, minlength=len(counts))
            if chunk.continues:
                lengths[-1][-1] += piece.lengths[0]
            if len(piece.lengths) > chunk.continues:
                lengths.append(piece.lengths[chunk.continues :])
            done += int(chunk.bounds[-1] - chunk.bounds[0])
            release(documents.texts.data)
            progress.update(done, total, "bytes")
    release_heap()

    if not counts.sum():
        raise InputError(f"no tokens in {', '.join(counted)}: every text is empty")
    vocab, ids = _choose_words(words, counts, tokenizer, min_count, max_size, counted)
    renumber(folder / "tokens.npy", ids)
    del words, ids
    release_heap()

    offsets = np.zeros(len(documents) + 1, np.int64)
    np.cumsum(np.concatenate(lengths), out=offsets[1:])
    corpus = Corpus(
        tokens=np.load(folder / "tokens.npy", mmap_mode="r"),
        offsets=offsets,
        labels=documents.labels,
        vocab=vocab,
        tokenizer=tokenizer,
        label_names=documents.label_names,
        splits=documents.splits,
        info={
            "source": documents.info,
            "vocab_splits": counted,
            "min_count": min_count,
            "max_size": max_size,
            "words": len(vocab) - len(SPECIALS),
            "tokens": int(offsets[-1]),
            "unknown_rate": float(vocab.counts[UNKNOWN] / vocab.counts.sum()),
        },
        folder=folder,
    )
    corpus.write_all_but_tokens(folder)
    return corpus


def _choose_words(
    words: Any,
    counts: NDArray[np.int64],
    tokenizer: Tokenizer,
    min_count: int,
    max_size: int | None,
    counted: list[str],
) -> tuple[Vocab, NDArray[np.int32]]:
    """The vocabulary, and the id in it of each of ``words``, int32 ``[len(words)]``."""
    least = 1 if isinstance(tokenizer, BpeTokenizer) else min_count
    often = counts >= least
    seen = dict(zip(compress(words, often), counts[often].tolist(), strict=True))
    if isinstance(tokenizer, BpeTokenizer):
        vocab = _closed_vocab(tokenizer.pieces, seen)
    else:
        vocab = Vocab.from_counts(
            seen, min_count=min_count, max_size=max_size, total=int(counts.sum())
        )
    if len(vocab) == len(SPECIALS):
        raise InputError(
            f"no word occurs {min_count} times in {', '.join(counted)} "
            f"({int(counts.sum()):,} tokens, the most frequent {int(counts.max())} times): "
            "lower min_count"
        )
    numbers = words.number(list(vocab.words)[len(SPECIALS) :])
    ids = np.full(len(words), UNKNOWN, np.int32)
    ids[numbers] = np.arange(len(SPECIALS), len(vocab))
    return vocab, ids


def _closed_vocab(pieces: tuple[str, ...], seen: dict[str, int]) -> Vocab:
    order = sorted(pieces, key=lambda piece: (-seen.get(piece, 0), piece))
    counts = [seen.get(piece, 0) for piece in order]
    unknown = sum(seen.values()) - sum(counts)
    words = PackedStrings.pack([*SPECIALS, *order])
    return Vocab(words, np.array([0, unknown, *counts], np.int64))


def _cut(documents: Documents) -> Iterator[_Chunk]:
    for split, rows in documents.splits.items():
        ends = documents.texts.offsets[rows.start : rows.stop + 1]
        position, row = int(ends[0]), 0
        while row < len(rows):
            stop = int(np.searchsorted(ends, position + CHUNK_BYTES, "right")) - 1
            continues = position > int(ends[row])
            if stop > row:
                bounds = np.concatenate([[position], ends[row + 1 : stop + 1]])
                row = stop
            else:
                cut = _between_words(
                    documents.texts.data, position + CHUNK_BYTES, int(ends[row + 1])
                )
                bounds = np.array([position, cut])
                row += cut == ends[row + 1]
            position = int(bounds[-1])
            yield _Chunk(split, bounds, continues)


def _between_words(data: NDArray[np.uint8], start: int, end: int) -> int:
    """The first place from ``start`` on where a cut changes no token, else ``end``.

    That is the second of two spaces between words of letters or digits, or anything beyond ASCII:
    it lies in no HTML tag, entity or character sequence that normalisation looks at as one. The
    first one may: ``&lt br>`` becomes a tag.
    """
    while start < end:
        block = bytes(data[start : min(start + 65536, end)])
        found = _TWO_SPACES.search(block)
        if found:
            return start + found.end() - 1
        start += max(len(block) - 2, 1)
    return end


def _encode_chunks(
    documents: Documents, chunks: list[_Chunk], tokenizer: Tokenizer, workers: int | None
) -> Iterator[_Encoded]:
    data = documents.texts.data
    pieces = (
        (bytes(data[chunk.bounds[0] : chunk.bounds[-1]]), chunk.bounds - chunk.bounds[0])
        for chunk in chunks
    )
    workers = min(workers or cores(), len(chunks) // 2)
    if workers <= 1:
        yield from (_encode(tokenizer, text, bounds) for text, bounds in pieces)
        return
    from joblib import Parallel, delayed

    run = Parallel(n_jobs=workers, return_as="generator", pre_dispatch="2*n_jobs")
    yield from run(delayed(_encode)(tokenizer, text, bounds) for text, bounds in pieces)


def _encode(tokenizer: Tokenizer, text: bytes, bounds: NDArray[np.int64]) -> _Encoded:
    numbers = _Numbering()
    tokens: list[str] = []
    lengths = np.zeros(len(bounds) - 1, np.int64)
    for i, (begin, end) in enumerate(pairwise(bounds.tolist())):
        found = tokenizer(text[begin:end].decode())
        tokens += found
        lengths[i] = len(found)
    ids = numbers.number(tokens)
    return _Encoded(list(numbers), ids, lengths)


def _encode_compiled(
    documents: Documents,
    chunks: list[_Chunk],
    tokenizer: WordTokenizer,
    workers: int | None,
    progress: Progress,
) -> Iterator[Scanned]:
    from textdl.text.scanning import scan

    def encode(chunk: _Chunk) -> Scanned:
        text = documents.texts.data[chunk.bounds[0] : chunk.bounds[-1]]
        return scan(tokenizer, text, chunk.bounds - chunk.bounds[0])

    with announced_compilation(progress):
        scan(tokenizer, np.frombuffer("é".encode(), np.uint8), np.array([0, 2]))
    workers = workers or cores()
    with ThreadPoolExecutor(workers) as pool:
        running: deque[Future[Scanned]] = deque()
        try:
            for chunk in chunks:
                running.append(pool.submit(encode, chunk))
                if len(running) > workers:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def renumber(path: Path, ids: NDArray[np.int32]) -> None:
    """Replace every token ``t`` of a file by ``ids[t]``, in place."""
    tokens = np.load(path, mmap_mode="r+")
    for start in range(0, len(tokens), 1 << 22):
        block = tokens[start : start + (1 << 22)]
        block[:] = ids[block]
        release(tokens)
