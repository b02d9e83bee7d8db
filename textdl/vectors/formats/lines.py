"""Text, a word and its numbers on each line: word2vec's format with a first line that says how many
there are, GloVe's without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import IO

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.packed import PackedStrings
from textdl.threads import Threads
from textdl.vectors.formats.forward import Forward
from textdl.vectors.reading import Block, Contents
from textdl.vectors.sources import Source
from textdl.vectors.vectors import Vectors

BOM = b"\xef\xbb\xbf"

_CHUNK = 1 << 22
_LONGEST = 1 << 24
_COMPILED_BYTES = 8_000_000  # less is read before a kernel would be loaded
_BLANK = b" \t\r\n"

Parsed = tuple[PackedStrings, NDArray[np.float32], dict[int, bytes]]


def is_header(line: bytes) -> bool:
    """Whether the first line says how many words of how many numbers follow."""
    fields = line.removeprefix(BOM).split()
    return len(fields) == 2 and all(field.isdigit() for field in fields)


def dimension(head: bytes) -> int:
    """How many numbers most lines of the beginning of a file without a header end with; 0 if they
    are no such lines."""
    lines = head.removeprefix(BOM).split(b"\n")
    whole = [line for line in (lines[:-1] if len(lines) > 1 else lines) if line.strip()]
    sizes = Counter(_trailing_numbers(line) for line in whole[:100])
    # A word of digits, or of several parts, makes one line longer: most lines decide.
    size, times = sizes.most_common(1)[0] if sizes else (0, 0)
    return size if 2 * times > len(whole[:100]) else 0


def _trailing_numbers(line: bytes) -> int:
    fields = line.split()
    for i in range(len(fields) - 1, 0, -1):
        try:
            float(fields[i])
        except ValueError:
            return len(fields) - 1 - i
    return max(len(fields) - 1, 0)


def read(source: Source) -> Contents:
    """What a text file holds.

    Raises:
        InputError: the first line promises more than the file can have.
    """
    head = source.peek(_CHUNK)
    first = head[: head.find(b"\n") + 1] or head
    start = len(BOM) if head.startswith(BOM) else 0
    if not is_header(first):
        dim = dimension(head)
        blocks = read_lines(source, start, dim, 1)
        return Contents(
            source.name, dim, 0, blocks, lambda row: f"line {row + 1}", {"format": "GloVe text"}
        )
    rows, dim = map(int, first.removeprefix(BOM).split())
    if not dim:
        raise InputError(f"{source.name}, line 1: promises vectors of 0 numbers")
    if source.size is not None and rows * dim * 2 > source.size:
        raise _cut_off(source.name, rows, "is too short for them")
    blocks = _counted(read_lines(source, len(first), dim, 2), source.name, rows)
    # Where nothing is known of the size, memory comes as rows come.
    expected = rows if source.size is not None else min(rows, 1000)
    return Contents(
        source.name, dim, expected, blocks, lambda row: f"line {row + 2}",
        {"format": "word2vec text"},
    )  # fmt: skip


def _counted(blocks: Iterator[Block], name: str, promised: int) -> Iterator[Block]:
    found = 0
    for block in blocks:
        found += len(block.rows)
        if found > promised:
            raise InputError(
                f"{name}, line {promised + 2}: more rows than the {promised:,} that the first line "
                "promises. Download the file again, or correct its first line"
            )
        yield block
    if found < promised:
        raise _cut_off(name, promised, f"the file has {found:,}")


def _cut_off(name: str, rows: int, has: str) -> InputError:
    return InputError(
        f"{name}: cut off: its first line promises {rows:,} rows, {has}. Download it again"
    )


def read_lines(source: Source, start: int, dim: int, first_line: int) -> Iterator[Block]:
    """The rows of a text file.

    Args:
        start: where the lines begin, in bytes.
        first_line: the number of the first of them, for messages.

    Raises:
        InputError: a line is empty, or not a word and ``dim`` numbers; names file and line.
    """
    large = len(source.peek(_COMPILED_BYTES)) == _COMPILED_BYTES
    parse = _parse_compiled() if large else _parse_plainly
    line = first_line
    blank = 0  # lines without anything, which may only stand at the end
    with Threads(None if large else 1) as threads:
        for _, (words, rows, left) in threads.map(
            lambda chunk: parse(chunk, dim), _chunks(source, start)
        ):
            end = len(rows)
            while end - 1 in left and not left[end - 1].strip(_BLANK):
                end -= 1
            if end and blank:
                raise InputError(f"{source.name}, line {line - blank}: is empty. Take it out")
            if left:
                names = [words.encoded(i) for i in range(end)]
                for i in filter(end.__gt__, left):
                    if not left[i].strip(_BLANK):
                        raise InputError(f"{source.name}, line {line + i}: is empty. Take it out")
                    names[i], rows[i] = _split(left[i], dim, source.name, line + i)
                words = PackedStrings.pack_bytes(names)
            blank += len(rows) - end
            line += len(rows)
            if end:
                yield Block(words, rows[:end])


def _chunks(source: Source, start: int) -> Iterator[NDArray[np.uint8]]:
    """Whole lines, about ``_CHUNK`` bytes at a time."""
    reader, size = Forward(source, start), _CHUNK
    while len(data := reader.next(size)):
        end = len(data)
        if end == size:
            end = bytes(data).rfind(b"\n") + 1
        if end:
            yield data[:end]
            reader.advance(end)
            start, size = start + end, _CHUNK
        elif size < _LONGEST:
            size *= 2
        else:
            raise InputError(
                f"{source.name}: no line ends in the {size:,} bytes from byte {start:,} on: this "
                "is no text of vectors"
            )


def _parse_compiled() -> Callable[[NDArray[np.uint8], int], Parsed]:
    from textdl.vectors.kernels.lines import parse_lines

    def parse(chunk: NDArray[np.uint8], dim: int) -> Parsed:
        lines = np.count_nonzero(chunk == ord("\n")) + 1
        rows = np.empty((lines, dim), np.float32)
        bounds = np.empty((lines, 2), np.int64)
        found = parse_lines(chunk.view(np.ndarray), dim, rows, bounds)
        rows, bounds = rows[:found], bounds[:found]
        hard = np.flatnonzero(bounds[:, 1] < 0)
        left = {int(i): chunk[bounds[i, 0] : -1 - bounds[i, 1]].tobytes() for i in hard}
        bounds[hard] = 0
        return PackedStrings.between(chunk, bounds), rows, left

    return parse


def _parse_plainly(chunk: NDArray[np.uint8], dim: int) -> Parsed:
    lines = chunk.tobytes().split(b"\n")
    if not lines[-1]:
        lines.pop()
    split = [line.rstrip(_BLANK).partition(b" ") for line in lines]
    words = PackedStrings.pack_bytes([word for word, _, _ in split])
    if not all(word and numbers for word, _, numbers in split):
        return words, np.empty((len(lines), dim), np.float32), dict(enumerate(lines))
    try:
        text = [numbers.decode("latin-1") for _, _, numbers in split]
        rows = np.loadtxt(text, np.float32, comments=None, ndmin=2)
        if rows.shape == (len(lines), dim):
            return words, rows, {}
    except ValueError:
        pass
    return words, np.empty((len(lines), dim), np.float32), dict(enumerate(lines))


def _split(line: bytes, dim: int, name: str, number: int) -> tuple[bytes, list[float]]:
    """A line whose word may have spaces."""
    word, *numbers = line.rstrip(_BLANK).replace(b"\t", b" ").rsplit(b" ", dim)
    try:
        if len(numbers) == dim:
            return word, [_number(value) for value in numbers]
    except ValueError:
        pass
    start = line[:40].decode("utf-8", "replace")
    has = _trailing_numbers(line)
    count = f"{has} numbers" if has != 1 else "1 number"
    raise InputError(
        f"{name}, line {number}: {start!r}… is not a word and {dim} numbers (it ends with "
        f"{count}). Take the line out, or get the file again"
    )


def _number(text: bytes) -> float:
    if b"_" in text:  # Python's, not the format's
        raise ValueError
    return float(text)


def write_word2vec(vectors: Vectors, file: IO[bytes]) -> None:
    """Write the vectors of the words that have a row, behind a line that says how many.

    Raises:
        InputError: a word is empty or has a space or line end.
    """
    file.write(b"%d %d\n" % (len(vectors), vectors.dim))
    write_glove(vectors, file)


def write_glove(vectors: Vectors, file: IO[bytes]) -> None:
    """Write the vectors of the words that have a row.

    Raises:
        InputError: a word is empty or has a space or line end.
    """
    words = vectors.words
    refuse_blanks(words, b" \t\r\n")
    for start in range(0, len(words), 65536):
        keys = map(words.encoded, range(start, min(start + 65536, len(words))))
        write_lines(file, keys, vectors.rows(slice(start, start + 65536)))


def refuse_blanks(words: PackedStrings, blanks: bytes) -> None:
    """Raise an InputError if a word is empty or has one of some characters."""
    blank = np.isin(words.data, np.frombuffer(blanks, np.uint8))
    spoiled = np.diff(words.offsets) == 0
    spoiled[np.searchsorted(words.offsets, np.flatnonzero(blank), "right") - 1] = True
    if spoiled.any():
        word = words[int(spoiled.argmax())]
        raise InputError(
            f"this format can't hold the word {word!r}: it is empty or has a space. Save as a "
            "folder (a name without a suffix), which holds everything"
        )


def write_lines(file: IO[bytes], keys: Iterable[bytes], matrix: NDArray[np.float32]) -> None:
    """Write a line for each key, with the fewest digits that give the same float32 back."""
    import pyarrow
    import pyarrow.compute

    names, dim, block = iter(keys), matrix.shape[1], 4096
    for start in range(0, len(matrix), block):
        rows = np.ascontiguousarray(matrix[start : start + block])
        numbers = pyarrow.array(rows.ravel()).cast(pyarrow.string())
        offsets = np.arange(0, rows.size + 1, dim, dtype=np.int32)
        lines = pyarrow.ListArray.from_arrays(offsets, numbers)
        joined = pyarrow.compute.binary_join(lines, " ").to_pylist()
        file.writelines(
            b"%b %b\n" % (key, line.encode()) for line, key in zip(joined, names, strict=False)
        )
