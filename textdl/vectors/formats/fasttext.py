"""fastText's ``.bin``: settings, words with counts, and the input and output matrices.

All numbers are little-endian. The input matrix has a row for each word, then one for each bucket of
n-grams; the output matrix has the vectors of the words as context.
"""

from __future__ import annotations

import struct
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.packed import PackedStrings
from textdl.vectors.formats.forward import mapped
from textdl.vectors.kernels import looped
from textdl.vectors.ngrams import Ngrams
from textdl.vectors.sources import Source
from textdl.vectors.subwords import SubwordComposition
from textdl.vectors.vectors import Vectors

MAGIC = struct.pack("<i", 793712314)

_VERSION = 12
_SETTINGS = (
    "dim", "window", "epochs", "min_count", "negative", "word_ngrams", "loss", "model", "bucket",
    "min_n", "max_n", "lr_update_rate", "sample",
)  # fmt: skip
_MODELS = {1: "cbow", 2: "skipgram", 3: "supervised"}
_LOSSES = {1: "hs", 2: "ns", 3: "softmax", 4: "ova"}


class _Reader:
    """Takes values from a mapped file, one behind the other."""

    def __init__(self, source: Source) -> None:
        self.name, self.data, self.at = source.name, mapped(source), 0

    def take(self, layout: str, what: str) -> tuple[Any, ...]:
        size = struct.calcsize("<" + layout)
        self.need(size, what)
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += size
        return values

    def need(self, size: int, what: str) -> None:
        if size < 0:
            raise self.damaged(f"{what} has a negative size")
        if self.at + size > len(self.data):
            raise InputError(
                f"{self.name}: cut off: {what} should reach to byte {self.at + size:,}, and the "
                f"file has {len(self.data):,}. Download or copy it again"
            )

    def matrix(self, what: str) -> NDArray[np.float32]:
        quantized, rows, dim = self.take("Bqq", f"the head of {what}")
        if quantized:
            raise InputError(
                f"{self.name}: a quantized model (.ftz), whose vectors are only approximate: "
                "textdl doesn't read it. Load the .bin that it was made from"
            )
        if rows < 0 or dim < 0:
            raise self.damaged(f"{what} has a negative size")
        self.need(rows * dim * 4, what)
        if not rows * dim:
            return np.zeros((rows, dim), np.float32)
        found = np.frombuffer(self.data, "<f4", rows * dim, self.at).reshape(rows, dim)
        self.at += found.nbytes
        return found

    def damaged(self, why: str) -> InputError:
        return InputError(f"{self.name}: a damaged fastText model: {why}. Copy it again")


def read(source: Source) -> Vectors:
    """Open a model trained by ``fasttext skipgram`` or ``cbow``. The vectors of words are composed
    in memory; the matrices stay mapped.

    Raises:
        InputError: the file is cut off or damaged, or holds a classifier or a quantized model.
    """
    reader = _Reader(source)
    magic, version, *values = reader.take("14id", "the settings")
    settings = dict(zip(_SETTINGS, values, strict=True))
    if struct.pack("<i", magic) != MAGIC:
        raise InputError(f"{source.name}: does not begin like a fastText model")
    if version > _VERSION:
        raise InputError(
            f"{source.name}: version {version} of the format; textdl knows up to {_VERSION}"
        )
    if settings["lr_update_rate"] in range(1, 5) and 0 < settings["sample"] < 1e-300:
        raise InputError(
            f"{source.name}: looks like a model of floret, whose .bin differs from fastText's: "
            "load the .floret or .vec file beside it"
        )
    model, loss = _MODELS.get(settings["model"]), _LOSSES.get(settings["loss"])
    if model is None or loss is None or settings["dim"] < 1 or settings["bucket"] < 0:
        raise reader.damaged("its settings are out of range")
    if model == "supervised":
        raise InputError(
            f"{source.name}: a fastText classifier (supervised), which textdl doesn't read. Export "
            "its word vectors with `fasttext print-word-vectors`"
        )
    settings |= {"model": model, "loss": loss}
    words, counts, tokens = _dictionary(reader)
    inputs = reader.matrix("the input matrix")
    context = reader.matrix("the output matrix")
    if inputs.shape != (len(words) + settings["bucket"], settings["dim"]):
        raise reader.damaged(
            f"{len(words)} words and {settings['bucket']} buckets of dim {settings['dim']} "
            f"don't fit an input matrix of shape {inputs.shape}"
        )
    if reader.at < len(reader.data):
        raise reader.damaged(f"{len(reader.data) - reader.at:,} bytes follow its end")
    info = {"format": "fastText", "model": model, "settings": settings, "tokens": tokens}
    if not settings["bucket"]:
        return Vectors(words, inputs.copy(), counts, info, context=_fitting(context, words))
    ngrams = Ngrams(max(settings["min_n"], 0), max(settings["max_n"], 0), settings["bucket"])
    composition = SubwordComposition(ngrams, inputs[len(words) :], inputs[: len(words)])
    return Vectors(
        words,
        composition.compose_all(words),
        counts,
        info,
        composition=composition,
        context=_fitting(context, words),
    )


def _dictionary(reader: _Reader) -> tuple[PackedStrings, NDArray[np.int64], int]:
    size, words, labels, tokens, pruned = reader.take("3i2q", "the head of the dictionary")
    if size != words or labels or size < 0:
        raise reader.damaged(f"{size} entries are said to be {words} words and {labels} labels")
    if pruned >= 0:
        raise InputError(f"{reader.name}: a pruned model, which textdl doesn't read")
    reader.need(words * 10, "the dictionary")
    data = np.frombuffer(reader.data, np.uint8)
    bounds, numbers = np.empty((words, 2), np.int64), np.empty((words, 8), np.uint8)
    kinds = np.empty(words, np.uint8)
    find = looped("find_entries", words > 20_000)
    found, reader.at = find(data, reader.at, words, bounds, numbers, kinds)
    if found < words:
        raise InputError(
            f"{reader.name}: cut off in word {found + 1}, at byte {reader.at:,}. Download or copy "
            "it again"
        )
    if kinds.any():
        raise reader.damaged("a word is marked as something else")
    packed = PackedStrings.between(data, bounds)
    try:
        packed.data.tobytes().decode()
    except UnicodeDecodeError:
        packed = PackedStrings.pack(
            packed.encoded(i).decode(errors="backslashreplace") for i in range(words)
        )
    return packed, numbers.view("<i8")[:, 0].astype(np.int64), tokens


def _fitting(context: NDArray[np.float32], words: PackedStrings) -> NDArray[np.float32] | None:
    return context if len(context) == len(words) else None


def write(vectors: Vectors, file: IO[bytes]) -> None:
    """Write a model that fastText and gensim load. Vectors without n-grams become a model without
    n-grams; without context vectors, the output matrix is zero.

    Raises:
        InputError: the vectors are composed in a way that fastText doesn't know, there are no
            words, or one has a NUL character.
    """
    composition = vectors.composition
    if composition is None:
        ngrams, matrices = Ngrams(0, 0, 0), [vectors.matrix]
    elif (
        isinstance(composition, SubwordComposition)
        and composition.ngrams.mode == "fasttext"
        and composition.word_rows is not None
    ):
        ngrams, matrices = composition.ngrams, [composition.word_rows, composition.buckets]
    else:
        raise InputError(
            "fastText's .bin holds vectors that are composed as fastText does: save others as "
            ".vec, .floret or a folder"
        )
    if not len(vectors) or not vectors.words.data.all():
        raise InputError("fastText's .bin needs at least one word, and none with a NUL character")
    counts = np.ones(len(vectors), np.int64)
    if vectors.counts is not None:
        counts = np.maximum(vectors.counts, 1)
    file.write(MAGIC + struct.pack("<i", _VERSION))
    file.write(struct.pack("<12id", *_settings(vectors, ngrams)))
    tokens = vectors.info.get("tokens", int(counts.sum()))
    file.write(struct.pack("<3i2q", len(counts), len(counts), 0, tokens, -1))
    for i, count in enumerate(counts.tolist()):
        file.write(vectors.words.encoded(i) + struct.pack("<xqb", count, 0))
    context = np.zeros_like(vectors.matrix) if vectors.context is None else vectors.context
    for parts in (matrices, [context]):
        file.write(struct.pack("<Bqq", 0, sum(map(len, parts)), vectors.dim))
        for part in parts:
            file.write(np.ascontiguousarray(part, "<f4").data)


def _settings(vectors: Vectors, ngrams: Ngrams) -> tuple[Any, ...]:
    told = vectors.info.get("settings", {})
    cbow = "cbow" in (vectors.info.get("model"), told.get("model"))
    values = {
        "window": 5, "epochs": 5, "min_count": 1, "negative": 5, "word_ngrams": 1,
        "lr_update_rate": 100, "sample": 1e-4,
    } | told | {
        "dim": vectors.dim, "bucket": ngrams.bucket, "min_n": ngrams.min_n, "max_n": ngrams.max_n,
        "model": 1 if cbow else 2, "loss": 1 if told.get("loss") == "hs" else 2,
    }  # fmt: skip
    return tuple(values[name] for name in _SETTINGS)
