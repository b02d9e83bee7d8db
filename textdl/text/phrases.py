"""Finding the phrases of a corpus, and joining each into one token."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, islice
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from textdl.arrays import NpyWriter
from textdl.errors import InputError
from textdl.paging import release
from textdl.progress import Progress, Silent
from textdl.settings import checked
from textdl.text.corpus import Corpus, choose_splits
from textdl.text.encoding import renumber
from textdl.text.tokenizers import BpeTokenizer, PhraseTokenizer, Tokenizer
from textdl.text.vocab import SPECIALS, UNKNOWN, Vocab

BLOCK = 10_000  # words: a longer document is learned from in pieces


@checked
def find_phrases(
    corpus: Corpus,
    folder: str | Path,
    *,
    min_count: Annotated[int, Ge(1)] = 5,
    threshold: float = 10.0,
    scoring: Literal["default", "npmi"] = "default",
    passes: Annotated[int, Ge(1)] = 1,
    connectors: list[str] | None = None,
    delimiter: str = "_",
    max_vocab_size: Annotated[int, Ge(1)] = 40_000_000,
    splits: list[str] | None = None,
    progress: Progress | None = None,
) -> Corpus:
    """Find phrases with gensim's ``Phrases`` and write the corpus with these joined to ``folder``.

    All splits are joined. Unknown words are part of no phrase. Words and phrases that still occur
    in the splits that the corpus' vocabulary has counted stay in the vocabulary, however rare
    joining made them; of words that were always joined there, a rest elsewhere becomes ``<unk>``.
    The corpus' tokenizer joins the same phrases in any text.

    Args:
        min_count: rarer pairs are no phrases.
        threshold: of the score that makes a phrase; above 0, for ``npmi`` from -1 to 1.
        scoring: that of Mikolov et al. 2013 ("Distributed Representations of Words and Phrases and
            their Compositionality"), or the normalised pointwise mutual information of Bouma 2009
            ("Normalized (Pointwise) Mutual Information in Collocation Extraction").
        passes: every further one joins phrases with words or phrases: two make up to four words.
        connectors: words such as "of" that may be inside a phrase but not begin or end it.
        delimiter: what stands between joined words.
        max_vocab_size: words and pairs kept in memory; beyond it the rarest are forgotten.
        splits: what is learned from, default every split but ``test`` and ``validation``.

    Raises:
        InputError: a setting is out of range, a split does not exist, the corpus holds BPE pieces
            or lies in ``folder``.
    """
    progress = progress or Silent()
    folder = Path(folder)
    _refuse(corpus, folder, threshold, scoring, delimiter, connectors or [])
    splits = corpus.training_splits(splits)
    words = list(corpus.vocab.words)
    known = set(words[len(SPECIALS) :])
    layers: list[PhraseTokenizer] = []
    tokenizer: Tokenizer = corpus.tokenizer
    for _ in range(passes):
        learner = _learner(min_count, threshold, scoring, connectors, delimiter, max_vocab_size)
        learner.add_vocab(_sentences(corpus, words, splits, layers, progress))
        phrases = _phrases(learner, known)
        if not phrases:
            progress.note("no phrases found: lower threshold or min_count for more")
            break
        tokenizer = PhraseTokenizer(tokenizer, phrases, delimiter, frozenset(connectors or []))
        layers.append(tokenizer)
        known |= {delimiter.join(phrase) for phrase in phrases}
        progress.note(f"{len(phrases):,} phrases found")

    folder.mkdir(parents=True, exist_ok=True)
    for name in ("corpus.json", "tokens.npy"):  # whoever has them open keeps what they see
        (folder / name).unlink(missing_ok=True)
    offsets, numbers = _write(corpus, folder, words, layers, progress)
    counted = choose_splits(list(corpus.splits), corpus.info.get("vocab_splits"))
    tokens = np.load(folder / "tokens.npy", mmap_mode="r")
    counts = np.zeros(len(numbers), np.int64)
    for name in counted:
        rows = corpus.splits[name]
        for block in _blocks(tokens, int(offsets[rows.start]), int(offsets[rows.stop]), 1 << 22):
            counts += np.bincount(block, minlength=len(counts))
    vocab = Vocab.from_counts(dict(zip(numbers, counts.tolist(), strict=True)))
    ids = np.full(len(numbers), UNKNOWN, np.int32)
    kept = list(vocab.words)[len(SPECIALS) :]
    ids[[numbers[word] for word in kept]] = np.arange(len(SPECIALS), len(vocab))
    renumber(folder / "tokens.npy", ids)

    joined = Corpus(
        tokens=np.load(folder / "tokens.npy", mmap_mode="r"),
        offsets=offsets,
        labels=corpus.labels,
        vocab=vocab,
        tokenizer=tokenizer,
        label_names=corpus.label_names,
        splits=corpus.splits,
        info={
            **corpus.info,
            "phrases": sum(len(layer.phrases) for layer in layers),
            "words": len(vocab) - len(SPECIALS),
            "tokens": int(offsets[-1]),
            "unknown_rate": float(vocab.counts[UNKNOWN] / max(vocab.counts.sum(), 1)),
        },
        folder=folder,
    )
    joined.write_all_but_tokens(folder)
    return joined


def _refuse(
    corpus: Corpus,
    folder: Path,
    threshold: float,
    scoring: str,
    delimiter: str,
    connectors: list[str],
) -> None:
    if isinstance(corpus.tokenizer, BpeTokenizer):
        raise InputError("phrases are made of words, and this corpus of BPE pieces: leave out bpe")
    if corpus.folder is not None and corpus.folder.resolve() == folder.resolve():
        raise InputError(f"{folder}: the corpus itself lies there; choose another folder")
    if scoring == "npmi" and not -1 <= threshold <= 1:
        raise InputError(f"threshold: npmi lies between -1 and 1, {threshold} does not")
    if scoring == "default" and not 0 < threshold < np.inf:
        raise InputError(f"threshold: {threshold} is not a number above 0")
    if not delimiter:
        raise InputError("delimiter: is empty, so that joined words could be taken for others")
    for word in connectors:
        if delimiter in word:
            raise InputError(f"connectors: {word!r} contains the delimiter {delimiter!r}")


def _learner(
    min_count: int,
    threshold: float,
    scoring: str,
    connectors: list[str] | None,
    delimiter: str,
    max_vocab_size: int,
) -> Any:
    from gensim.models.phrases import Phrases

    return Phrases(
        min_count=min_count,
        threshold=threshold,
        scoring=scoring,
        connector_words=frozenset(connectors or []),
        delimiter=delimiter,
        max_vocab_size=max_vocab_size,
    )


def _phrases(learner: Any, known: set[str]) -> frozenset[tuple[str, ...]]:
    """What ``learner[sentence]`` joins. ``export_phrases`` forgets that words may contain the
    delimiter, as those of a second pass do."""
    delimiter, connectors = learner.delimiter, learner.connector_words
    found = set()
    for pair, count in learner.vocab.items():
        if count < learner.min_count:
            continue
        parts = pair.split(delimiter)
        for i in range(1, len(parts)):
            first = delimiter.join(parts[:i])
            if first not in known or first in connectors:
                continue
            for j in range(i, len(parts)):
                last, between = delimiter.join(parts[j:]), parts[i:j]
                if (
                    last in known
                    and last not in connectors
                    and learner.score_candidate(first, last, between)[1] is not None
                ):
                    found.add((first, *between, last))
                if parts[j] not in connectors:
                    break
    return frozenset(found)


def _blocks(
    tokens: NDArray[np.int32], start: int, end: int, size: int = BLOCK
) -> Iterator[NDArray[np.int32]]:
    for at in range(start, end, size):
        yield tokens[at : min(at + size, end)]


def _sentences(
    corpus: Corpus,
    words: list[str],
    splits: list[str],
    layers: list[PhraseTokenizer],
    progress: Progress,
) -> Iterator[list[str]]:
    """Runs of known words, the phrases found so far joined."""
    done, total = 0, corpus.tokens_in(splits)
    for name in splits:
        for i in corpus.splits[name]:
            for block in _blocks(corpus.tokens, *corpus.offsets[i : i + 2].tolist()):
                for known, run in groupby(block.tolist(), lambda token: token >= len(SPECIALS)):
                    if known:
                        sentence = (words[token] for token in run)
                        yield list(_join(sentence, layers))
                done += len(block)
            if i % 1000 == 0:
                progress.update(done, total, "words")
                release(corpus.tokens)
    progress.update(total, total, "words")


def _join(tokens: Iterator[str], layers: list[PhraseTokenizer]) -> Iterator[str]:
    for layer in layers:
        tokens = layer.join(tokens)
    return tokens


def _write(
    corpus: Corpus,
    folder: Path,
    words: list[str],
    layers: list[PhraseTokenizer],
    progress: Progress,
) -> tuple[NDArray[np.int64], dict[str, int]]:
    """Write all documents, numbered as words appear; returns their offsets and the numbers."""
    offsets = np.zeros(len(corpus) + 1, np.int64)
    numbers: dict[str, int] = {}
    total = len(corpus.tokens)
    with NpyWriter(folder / "tokens.npy", np.int32) as writer:
        for i in range(len(corpus)):
            blocks = _blocks(corpus.tokens, *corpus.offsets[i : i + 2].tolist())
            tokens = _join((words[t] for block in blocks for t in block.tolist()), layers)
            offsets[i + 1] = offsets[i]
            while part := [numbers.setdefault(t, len(numbers)) for t in islice(tokens, BLOCK)]:
                writer.append(np.array(part, np.int32))
                offsets[i + 1] += len(part)
            if i % 1000 == 0:
                progress.update(int(corpus.offsets[i + 1]), total, "words")
                release(corpus.tokens)
    progress.update(total, total, "words")
    return offsets, numbers
