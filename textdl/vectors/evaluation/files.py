"""The files of evaluation sets: analogies, and pairs of words that people judged.

How a file is laid out is told from what it holds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

from textdl.errors import InputError

GENSIM_FILES = {
    "wordsim353": "wordsim353.tsv",
    "simlex999": "simlex999.txt",
    "google-analogies": "questions-words.txt",
}

Pair = tuple[str, str, float]
"""Two words, and how similar people find them."""

Question = tuple[str, tuple[str, ...]]
"""A section, and the words of an analogy: a, b, c, and one or more answers, each of them right."""

_PART_OF_SPEECH = re.compile(r"[A-Z]+_[A-Z]+")
_TAGGED = re.compile(r"(.+)-[a-z]")


def evaluation_file(name: str | Path) -> Path:
    """Where an evaluation set is: a path, or one of those that gensim installs.

    Raises:
        InputError: there is no such file or folder, or gensim is not installed.
    """
    if str(name) in GENSIM_FILES:
        gensim = find_spec("gensim")
        if gensim is None or not gensim.submodule_search_locations:
            raise InputError(f"{name} comes with gensim: install gensim, or give a file")
        folder = Path(gensim.submodule_search_locations[0])
        path = folder / "test" / "test_data" / GENSIM_FILES[str(name)]
    else:
        path = Path(name)
    if not path.exists():
        raise InputError(f"no file {path}: give a file, or one of {', '.join(GENSIM_FILES)}")
    return path


def parts_of(path: Path) -> list[Path]:
    """The files that a set consists of: itself, MSR's questions and answers, or what is in the
    folders of BATS."""
    if path.is_dir():
        return sorted(path.glob("*/*.txt")) or sorted(path.glob("*.txt"))
    answers = path.with_suffix(".answers")
    return [path, answers] if path.suffix == ".questions" and answers.is_file() else [path]


def holds_analogies(path: Path) -> bool:
    """Whether a set is one of analogies: those of pairs have a number in each line but a header."""
    if path.is_dir():
        return True
    lines = [line for _, line in islice(_lines(path), 2)]
    return bool(lines) and (
        lines[0].startswith(":")
        or all(_score_column(re.split(r"[\s,;]+", line)) is None for line in lines)
    )


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a file of lines ``word word … score …`` between tabs, commas, semicolons or
    spaces.

    The score is the first number behind the words (WordSim-353, SimLex-999, RareWords, SimVerb);
    lines that begin with ``#``, and a header, are skipped. The tags of words as in MEN (``sun-n``)
    are cut off if all words have one.

    Raises:
        InputError: a line is not such a line, or there is none; names file and line.
    """
    lines = [(number, line) for number, line in _lines(path) if not line.startswith("#")]
    separator = next((mark for mark in "\t;," if lines and mark in lines[0][1]), None)
    rows = [(n, [field.strip() for field in line.split(separator)]) for n, line in lines]
    if rows and len(rows[0][1]) > 2 and _score_column(rows[0][1]) is None:
        del rows[0]
    if not rows:
        raise InputError(f"{path} has no pairs")
    column = _score_column(rows[0][1]) or 2
    pairs = []
    for number, fields in rows:
        if len(fields) <= column or not all(fields[:2]) or not _is_number(fields[column]):
            raise InputError(
                f"{path}, line {number}: expected two words and a number in column {column + 1}"
            )
        pairs.append((fields[0], fields[1], float(fields[column])))
    if all(_TAGGED.fullmatch(word) for pair in pairs for word in pair[:2]):
        return [(a[:-2], b[:-2], judgement) for a, b, judgement in pairs]
    return pairs


def read_questions(path: Path) -> list[Question]:
    """The analogies of a file or folder.

    - Google's (Mikolov et al. 2013a): lines of four words under lines ``: section``.
    - MSR's (Mikolov, Yih & Zweig 2013): lines of four words, if need be with a tag like ``JJ_JJR``
      before or behind that is the section's name; or ``.questions`` of three words, with the
      ``.answers``, a tag and a word, in the file beside.
    - BATS (Gladkova, Drozd & Matsuoka 2016): folders, the categories, of files of lines ``word
      answer/answer/…``. Every line is asked after with every other of its file, whose first answer
      stands for it.

    Raises:
        InputError: a line is not such a line, or there is none; names file and line.
    """
    parts = parts_of(path)
    if path.is_dir():
        questions = [question for part in parts for question in _crossed(path, part)]
    elif len(parts) == 2:
        questions = list(_answered(*parts))
    else:
        questions = list(_in_sections(path))
    if not questions:
        raise InputError(f"{path} has no questions")
    return questions


def _in_sections(path: Path) -> Iterator[Question]:
    section = path.stem
    for number, line in _lines(path):
        if line.startswith(":"):
            section = line[1:].strip()
            continue
        words, tag = line.split(), None
        if len(words) == 5:
            tag = next((i for i in (0, 4) if _PART_OF_SPEECH.fullmatch(words[i])), None)
        name = section if tag is None else words.pop(tag)
        if len(words) != 4:
            raise InputError(f"{path}, line {number}: expected four words, or ': ' and a section")
        yield name, tuple(words)


def _answered(questions: Path, answers: Path) -> Iterator[Question]:
    asked, known = list(_lines(questions)), list(_lines(answers))
    for i, (number, line) in enumerate(asked):
        words = line.split()
        if len(words) != 3:
            raise InputError(f"{questions}, line {number}: expected three words")
        tag, *answer = known[i][1].split() if i < len(known) else [""]
        if len(answer) != 1:
            where = f"line {known[i][0]}" if i < len(known) else "at the end"
            raise InputError(f"{answers}, {where}: expected a tag and a word")
        yield tag, (*words, *answer)


def _crossed(folder: Path, path: Path) -> Iterator[Question]:
    section = path.relative_to(folder).with_suffix("").as_posix()
    pairs = []
    for number, line in _lines(path):
        word, *rest = line.strip().split("\t" if "\t" in line else None)
        answers = [answer.strip() for answer in rest[0].split("/")] if rest else []
        answers = [answer for answer in answers if answer]
        if len(rest) != 1 or not answers:
            raise InputError(f"{path}, line {number}: expected a word and answer/answer/…")
        pairs.append((word, answers))
    for i, (a, (b, *_)) in enumerate(pairs):
        for j, (c, answers) in enumerate(pairs):
            if i != j:
                yield section, (a, b, c, *answers)


def _score_column(fields: list[str]) -> int | None:
    """Where the first number behind two words is."""
    return next((i for i in range(2, len(fields)) if _is_number(fields[i])), None)


def _is_number(field: str) -> bool:
    try:
        return math.isfinite(float(field))
    except ValueError:
        return False


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that are not empty, and their numbers."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line.rstrip("\r")
