"""What the classifiers of a benchmark are trained on: documents cut into training, validation and
test, and a corpus and vectors of them, all kept in folders."""

from __future__ import annotations

import hashlib
import json
import lzma
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from textdl import Corpus, Documents, Vectors, build_corpus, train_skipgram
from textdl.text import Tokenizer
from textdl.text.documents import DocumentsWriter

BLOCK = 6000
"""Characters of a long text in a document, some 1,000 words."""


@dataclass(eq=False)
class Case:
    """Documents to train models on; all is made when it is first needed.

    Attributes:
        name: what the results call it.
        settings: those of the corpus, of the vectors and, by name, of the models.
        turn: the seed, and the fold if there are some.
        write: writes the documents into a folder.
        folder: where all is kept.
        text: the corpus to train the vectors on, if not this one.
        tokenizer: what cuts the texts, if not into words between spaces.
        others: by name, cases of the same turn whose models this one needs.
    """

    name: str
    settings: dict[str, dict[str, Any]]
    turn: str
    write: Callable[[Path], Any]
    folder: Path
    text: Callable[[], Corpus] | None = None
    tokenizer: Tokenizer | None = None
    others: dict[str, Case] = field(default_factory=dict)

    @cached_property
    def documents(self) -> Documents:
        return documents_in(self.folder / "documents", self.write)

    @cached_property
    def corpus(self) -> Corpus:
        return corpus_in(self.folder, self.documents, self.settings["corpus"], self.tokenizer)

    @cached_property
    def vectors(self) -> Vectors:
        return vectors_of(self.text() if self.text else self.corpus, self.settings["vectors"])

    def part(self, split: str) -> tuple[list[str], np.ndarray]:
        """The texts of a split, and their labels."""
        rows = self.documents.splits[split]
        return [self.documents.texts[i] for i in rows], self.documents.labels[rows]


def digest(*settings: Any) -> str:
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:8]


def kept(folder: Path, make: Callable[[Path], Any]) -> Path:
    """The folder, made if it isn't there; it never holds half of what it should."""
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
            make(Path(temporary) / "new")
            (Path(temporary) / "new").rename(folder)
    return folder


def documents_in(folder: Path, write: Callable[[Path], Any]) -> Documents:
    return Documents.load(kept(folder, write))


def corpus_in(
    folder: Path,
    documents: Documents,
    settings: dict[str, Any],
    tokenizer: Tokenizer | None = None,
) -> Corpus:
    cut = [tokenizer.settings()] if tokenizer else []
    path = folder / f"corpus-{digest(settings, *cut)}"
    build = partial(build_corpus, documents, tokenizer=tokenizer, **settings)
    return Corpus.load(kept(path, build))


def vectors_of(corpus: Corpus, settings: dict[str, Any]) -> Vectors:
    """Skip-gram, kept beside the corpus."""
    assert corpus.folder
    path = corpus.folder.with_name(f"vectors-{digest(corpus.folder.name, settings)}")
    workers = torch.get_num_threads()
    return Vectors.load(
        kept(path, lambda new: train_skipgram(corpus, workers=workers, **settings).save(new))
    )


def cut_by_seed(documents: Documents, seed: int) -> dict[str, np.ndarray]:
    """Rows for training, validation and test: 80, 10 and 10 %."""
    rows = np.random.default_rng(seed).permutation(len(documents))
    parts = np.split(rows, [int(0.8 * len(rows)), int(0.9 * len(rows))])
    return dict(zip(("train", "validation", "test"), parts, strict=True))


def write_texts(parts: Iterable[tuple[Documents, Iterable[int]]], folder: Path) -> None:
    """The given rows of several sets of documents, without labels."""
    with DocumentsWriter(folder) as writer:
        for documents, rows in parts:
            for i in rows:
                writer.add(documents.texts[i])
        writer.close([], {})


def write_parts(documents: Documents, parts: Mapping[str, Iterable[int]], folder: Path) -> None:
    """Documents of which each split has the given rows."""
    with DocumentsWriter(folder) as writer:
        for split, rows in parts.items():
            writer.begin_split(split)
            for i in rows:
                writer.add(documents.texts[i], int(documents.labels[i]))
        writer.close(documents.label_names, {})


def write_mr(folder: Path, *, data: Path) -> None:
    """The sentences of rt-polarity."""
    with DocumentsWriter(folder) as writer:
        for label, suffix in enumerate(("neg", "pos")):
            lines = (data / f"rt-polarity.{suffix}").read_bytes().split(b"\n")
            for line in filter(None, lines):
                writer.add(line.decode("cp1252", "replace"), label)
        writer.close(["negative", "positive"], {})


def write_text(folder: Path, *, reviews: Documents, file: Path) -> None:
    """Reviews, those for the test excepted, and a long text."""
    with DocumentsWriter(folder) as writer:
        for split in ("train", "unsupervised"):
            for i in reviews.splits[split]:
                writer.add(reviews.texts[i])
        for piece in pieces(file):
            writer.add(piece)
        writer.close([], {})


def pieces(file: Path) -> Iterator[str]:
    """A long compressed text in pieces of whole words."""
    with lzma.open(file, "rt", encoding="utf-8") as text:
        rest = ""
        while block := text.read(BLOCK):
            piece, _, rest = (rest + block).rpartition(" ")
            yield piece
        yield rest
