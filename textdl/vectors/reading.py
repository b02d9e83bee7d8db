"""From blocks of words and numbers, as a file has them, to vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.packed import PackedStrings
from textdl.paging import release_heap
from textdl.vectors.storage import Dtype, GrowingMatrix, encode
from textdl.vectors.vectors import Vectors

Duplicates = Literal["error", "first", "last"]
_MANY = 50_000  # rows, whose blocks left much memory behind

EncodingErrors = Literal["strict", "replace", "ignore", "backslashreplace"]


@dataclass(frozen=True)
class Choice:
    """Which vectors of a file are wanted, and how.

    Attributes:
        limit: only so many rows from the beginning.
        words: only these.
        dtype: how numbers are stored, see :func:`textdl.vectors.storage.encode`.
        normalize: vectors of length one.
        on_duplicate: of rows for the same word keep the ``first`` or the ``last``, or give up.
        encoding_errors: what becomes of bytes that are not UTF-8, as in :meth:`bytes.decode`.
    """

    limit: int | None = None
    words: frozenset[str] | None = None
    dtype: Dtype = "float32"
    normalize: bool = False
    on_duplicate: Duplicates = "error"
    encoding_errors: EncodingErrors = "strict"

    @property
    def everything(self) -> bool:
        """Whether all of it is wanted as it is."""
        return (self.limit, self.words, self.dtype, self.normalize) == (
            None, None, "float32", False,
        )  # fmt: skip


class Block(NamedTuple):
    """Some rows: their words, not yet known to be UTF-8, and float32 ``[rows, dim]``."""

    words: PackedStrings
    rows: NDArray[np.float32]


@dataclass
class Contents:
    """What a file holds.

    Attributes:
        name: the file, for messages.
        rows: how many there are, 0 if nobody knows.
        blocks: the rows; raises what is wrong with the file when it comes to it.
        place: where row ``i`` is in the file, for messages.
    """

    name: str
    dim: int
    rows: int
    blocks: Iterator[Block]
    place: Callable[[int], str]
    info: dict[str, Any] = field(default_factory=dict)


def gather(contents: Contents, choice: Choice) -> Vectors:
    """The vectors that are wanted.

    Raises:
        InputError: a number is not finite, a word empty, not UTF-8 or there twice, or what reading
            the file raises; names file and place.
    """
    expected = contents.rows if choice.limit is None else min(contents.rows, choice.limit)
    if choice.words is not None:
        expected = min(expected, len(choice.words))
    try:
        matrix = GrowingMatrix(expected, contents.dim, choice.dtype)
    except (OSError, OverflowError, ValueError) as error:
        raise InputError(
            f"{contents.name}: there is no memory for {max(expected, 1):,} rows of "
            f"{contents.dim:,} numbers, which it promises ({error}). Load fewer with limit, or get "
            "the file again"
        ) from error
    scales: list[NDArray[np.float32]] = []
    words: list[PackedStrings] = []
    places: list[NDArray[np.int64]] = []
    read = 0
    for block in contents.blocks:
        if choice.limit is not None:
            block = Block(block.words, block.rows[: choice.limit - read])
        rows = np.arange(len(block.rows))
        names = _decoded(block.words.first(len(rows)), contents, read, choice.encoding_errors)
        if choice.words is not None:
            rows = np.flatnonzero([name in choice.words for name in names])
            names = names.take(rows)
        kept = block.rows[rows] if choice.words is not None else block.rows
        _refuse_unsound(kept, contents, read + rows)
        if choice.normalize:
            norms = np.linalg.norm(kept, axis=1, keepdims=True)
            kept = np.asarray(kept / np.where(norms > 0, norms, 1), np.float32)
        stored, scale = encode(kept, choice.dtype)
        matrix.append(stored)
        if scale is not None:
            scales.append(scale)
        words.append(names)
        places.append(read + rows)
        read += len(block.rows)
        if choice.limit is not None and read >= choice.limit:
            break
    if read > _MANY:
        release_heap()
    vectors = Vectors(
        PackedStrings.join(words), matrix.finish(), info=contents.info,
        scales=np.concatenate(scales) if scales else None,
    )  # fmt: skip
    read_at = np.concatenate([*places, np.zeros(0, np.int64)])
    return distinct(vectors, choice, contents.name, lambda row: contents.place(int(read_at[row])))


def _refuse_empty(words: PackedStrings, contents: Contents, start: int) -> None:
    empty = np.flatnonzero(np.diff(words.offsets) == 0)
    if len(empty):
        where = contents.place(start + int(empty[0]))
        raise InputError(f"{contents.name}, {where}: there is no word in front of the numbers")


def _decoded(
    words: PackedStrings, contents: Contents, start: int, errors: EncodingErrors
) -> PackedStrings:
    _refuse_empty(words, contents, start)
    try:
        words.data[words.offsets[0] : words.offsets[-1]].tobytes().decode()
        starts = words.data[words.offsets[:-1]]
        if not ((starts & 0xC0) == 0x80).any():  # no character across two words
            return words
    except UnicodeDecodeError:
        pass
    if errors != "strict":
        decoded = PackedStrings.pack(
            words.encoded(i).decode("utf-8", errors) for i in range(len(words))
        )
        _refuse_empty(decoded, contents, start)
        return decoded
    for i in range(len(words)):
        try:
            words.encoded(i).decode()
        except UnicodeDecodeError:
            raise InputError(
                f"{contents.name}, {contents.place(start + i)}: the word {words.encoded(i)[:60]!r} "
                "is not UTF-8. Load with encoding_errors='replace' (or 'ignore', "
                "'backslashreplace'), or convert the file with iconv"
            ) from None
    return words


def _refuse_unsound(
    rows: NDArray[np.float32], contents: Contents, places: NDArray[np.int64]
) -> None:
    if np.isfinite(rows).all():
        return
    row = int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])
    value = rows[row][~np.isfinite(rows[row])][0]
    raise InputError(
        f"{contents.name}, {contents.place(int(places[row]))}: a number is {value}, which is no "
        "part of a vector. Take the line out, or get the file again"
    )


def distinct(vectors: Vectors, choice: Choice, name: str, place: Callable[[int], str]) -> Vectors:
    """Vectors with one row for each word.

    Args:
        name: the file, for messages.
        place: where a row is in the file, for messages.

    Raises:
        InputError: a word is there twice, and that is to be an error.
    """
    repeated = vectors.words.repeated()
    if not len(repeated):
        return vectors
    if choice.on_duplicate == "error":
        row = int(repeated[0])
        word = vectors.words[row]
        raise InputError(
            f"{name}, {place(row)}: the word {word!r} again, after "
            f"{place(vectors.words.find(word))} (words that are there twice: {len(repeated):,}). "
            "Load with on_duplicate='first' or 'last'"
        )
    order = vectors.words.order
    dropped = repeated
    if choice.on_duplicate == "last":
        # Sorted, equal words stand side by side, the last one last.
        again = np.isin(order, repeated)
        dropped = order[:-1][again[1:]].astype(np.int64)
    keep = np.ones(len(vectors), np.bool_)
    keep[dropped] = False
    return vectors.take(np.flatnonzero(keep))
