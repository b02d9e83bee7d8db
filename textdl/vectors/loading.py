"""One function that loads vectors, whatever holds them."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Annotated

import numpy as np
from annotated_types import Ge

from textdl.errors import InputError
from textdl.progress import Progress
from textdl.settings import checked
from textdl.vectors.formats import arrays, fasttext, floret, lines, native, word2vec
from textdl.vectors.formats.foreign import describe
from textdl.vectors.reading import Choice, Contents, Duplicates, EncodingErrors, distinct, gather
from textdl.vectors.sources import Source, find_source
from textdl.vectors.storage import Dtype
from textdl.vectors.unknown import Unknown
from textdl.vectors.vectors import Vectors

_HEAD = 1 << 16


@checked
def load_vectors(
    path: str | os.PathLike[str],
    *,
    limit: Annotated[int, Ge(1)] | None = None,
    words: list[str] | set[str] | frozenset[str] | None = None,
    dtype: Dtype = "float32",
    normalize: bool = False,
    unknown: Unknown | None = None,
    on_duplicate: Duplicates = "error",
    encoding_errors: EncodingErrors = "strict",
    vocab: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Vectors:
    """Open vectors of any format: what a file is tell its bytes, not its name.

    textdl's own folders, such as ``runs/imdb/skipgram``; word2vec's text and binary files; GloVe's
    text; fastText's ``.vec`` and ``.bin``, with n-grams that give unknown words vectors; floret's
    tables; ``.npz``; a matrix as ``.npy`` or safetensors with a list of words beside it. Each may
    be compressed (gzip, bzip2, xz, zstd) or be a member of a zip archive
    (``glove.6B.zip!glove.6B.100d.txt``), and lie here, behind an address (``https://``, ``s3://``),
    or be one of the pretrained vectors that textdl knows by name (``glove.6B.100d``), which are
    downloaded once. Nothing is ever unpickled.

    Args:
        path: a file or folder, an address, or a name from :func:`pretrained_names`.
        limit: only so many words from the beginning; files put frequent words first.
        words: only these, as far as they are there.
        dtype: keep the numbers as ``float32``, as ``float16``, or as ``int8`` with a scale for each
            row, a quarter of the memory.
        normalize: make all vectors one long.
        unknown: what an unknown word gets, see :meth:`Vectors.with_unknown`.
        on_duplicate: if a word is there twice, keep the ``first`` or the ``last``, or raise an
            ``error``.
        encoding_errors: words that are not UTF-8 are an error (``strict``), or decoded as far as
            possible (``replace``, ``ignore``, ``backslashreplace``).
        vocab: the list of words of a matrix that has none, if it is not beside it.
        progress: what hears of a download.

    Raises:
        InputError: there is nothing of that name, or it is damaged or no vectors: says where in
            the file, or what it is instead.
    """
    chosen = None if words is None else frozenset(words)
    choice = Choice(limit, chosen, dtype, normalize, on_duplicate, encoding_errors)
    found = _locate(os.fspath(path), progress)
    opened = _open(found, None if vocab is None else Path(vocab), choice)
    if isinstance(opened, Contents):
        vectors = gather(opened, choice)
    else:
        vectors = narrowed(opened, choice, str(path))
    return vectors if unknown is None else vectors.with_unknown(unknown)


def _locate(address: str, progress: Progress | None) -> Path | Source:
    if "://" in address:
        from textdl.vectors.sources.download import fetch

        return find_source(fetch(address, progress=progress))
    path = Path(address)
    if path.is_dir() or (path.is_file() and arrays.is_npz(path)):
        return path
    if path.exists() or "!" in address:
        return find_source(path)
    from textdl.vectors.sources.pretrained import pretrained, pretrained_names

    if address in pretrained_names():
        return pretrained(address).get(progress=progress)
    near = difflib.get_close_matches(address, pretrained_names(), n=3)
    hint = f": did you mean {' or '.join(near)}?" if near else " (textdl pretrained list)"
    raise InputError(
        f"{address}: no such file or folder, and no pretrained vectors of that name{hint}"
    )


def _open(found: Path | Source, vocab: Path | None, choice: Choice) -> Contents | Vectors:
    def listed(vectors: Vectors) -> Vectors:
        name = str(found) if isinstance(found, Path) else found.name
        return distinct(vectors, choice, name, "row {}".format)

    if isinstance(found, Path):
        if found.is_dir():
            return _open_folder(found, vocab, choice)
        return listed(arrays.read_npz(found))
    source = found
    head = source.peek(_HEAD)
    line = head[: head.find(b"\n") + 1] or head
    if head.startswith(fasttext.MAGIC):
        return fasttext.read(source)
    if head.startswith(arrays.NPY):
        return listed(arrays.read_npy(source, vocab))
    if arrays.is_safetensors(head, source.size):
        return listed(arrays.read_safetensors(source, vocab))
    if floret.is_header(line):
        return floret.read(source)
    if lines.is_header(line):
        # A few numbers may happen to look like text.
        rest = head[len(line) :]
        named = ".w2v" in Path(source.name).suffixes and not lines.dimension(rest)
        binary = named or word2vec.is_binary(rest)
        return word2vec.read(source) if binary else lines.read(source)
    if not word2vec.is_binary(head) and lines.dimension(head):
        return lines.read(source)
    raise InputError(
        f"{source.name}: not recognised as vectors: it {describe(head)}. textdl reads word2vec's, "
        "GloVe's and fastText's files, floret tables, .npz, .npy and safetensors with a list of "
        "words, and its own folders"
    )


def _open_folder(folder: Path, vocab: Path | None, choice: Choice) -> Contents | Vectors:
    if (folder / native.FILE).is_file():
        return native.read(folder)
    single = [*folder.glob("*.safetensors"), *folder.glob("*.npy")]
    if len(single) == 1:
        return _open(find_source(single[0]), vocab, choice)
    raise InputError(
        f"{folder}: a folder that holds no {native.FILE}. Name a folder of vectors, such as "
        "runs/quickstart/skipgram, or a file"
    )


def narrowed(vectors: Vectors, choice: Choice, name: str = "the vectors") -> Vectors:
    """Those that are wanted of vectors that are open already."""
    if choice.everything:
        return vectors
    rows = np.arange(len(vectors) if choice.limit is None else min(choice.limit, len(vectors)))
    if choice.words is not None:
        found = vectors.words.find_all(sorted(choice.words))
        rows = np.sort(found[(found >= 0) & (found < len(rows))])
    if len(rows) < len(vectors):
        vectors = vectors.take(rows)
    if choice.normalize:
        vectors = vectors.normalized()
    return vectors if choice.dtype == vectors.stored.dtype else vectors.quantize(choice.dtype)
