"""``textdl explore``"""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from textdl.cli import asking
from textdl.errors import InputError

if TYPE_CHECKING:
    from textdl.vectors import Vectors

HELP = """\
film                    the words nearest to film
king - man + woman      the words nearest to a sum
man : king = woman : ?  an analogy
synonyms film           words that may replace film
odd cat dog car         the word that belongs least to the others
similarity cat dog      the cosine of two words
path cat stone          the words on the way from one to another
info                    what the vectors are
help, quit"""


@click.command
@asking.vectors
@asking.top
def explore(vectors: str, top: int) -> None:
    """Ask vectors at a prompt, with history and completion; type help there."""
    loaded = asking.open_vectors(vectors)
    interactive = sys.stdin.isatty()
    if interactive:
        _prepare_line_editing(loaded)
        click.echo(f"{loaded!r}. Type a word, king - man + woman, or help")
    while True:
        try:
            line = input("> " if interactive else "").strip()
        except EOFError:
            return
        except KeyboardInterrupt:
            click.echo()
            continue
        if line in ("quit", "exit"):
            return
        if line:
            try:
                click.echo(answer(loaded, line, top))
            except InputError as error:
                click.echo(str(error))


def answer(vectors: Vectors, line: str, top: int) -> str:
    """The answer to one line.

    Raises:
        InputError: it is no question, or a word has no vector.
    """
    from textdl.vectors.expressions import parse_expression

    verb, *words = line.split()
    if verb in _VERBS and (words or verb in ("help", "info")) and words[:1] not in (["+"], ["-"]):
        return _VERBS[verb](vectors, words, top)
    if ":" in line:
        parts = line.replace(":", " ").replace("=", " ").replace("?", " ").split()
        if len(parts) != 3:
            raise InputError("an analogy is written man : king = woman : ?")
        return repr(vectors.analogy(*parts, top=top))
    expression = parse_expression(line)
    return repr(
        vectors.neighbors(positive=expression.positive, negative=expression.negative, top=top)
    )


def _pair(words: list[str], verb: str) -> tuple[str, str]:
    if len(words) != 2:
        raise InputError(f"{verb}: give two words")
    return words[0], words[1]


_VERBS: dict[str, Callable[[Vectors, list[str], int], str]] = {
    "help": lambda vectors, words, top: HELP,
    "info": lambda vectors, words, top: f"{vectors!r} {vectors.info}",
    "synonyms": lambda vectors, words, top: "\n".join(
        repr(vectors.synonyms(word, top=top)) for word in words
    ),
    "odd": lambda vectors, words, top: vectors.odd_one_out(words),
    "similarity": lambda vectors, words, top: (
        f"{vectors.similarity(*_pair(words, 'similarity')):.4f}"
    ),
    "path": lambda vectors, words, top: " ".join(vectors.between(*_pair(words, "path"), steps=5)),
}


def _prepare_line_editing(vectors: Vectors) -> None:
    try:
        import atexit
        import readline
    except ImportError:  # Windows: a plain prompt
        return
    names = sorted(islice(vectors.words, 50_000)) + sorted(_VERBS)
    history = Path.home() / ".textdl_history"
    found: list[str] = []

    def complete(text: str, state: int) -> str | None:
        nonlocal found
        if state == 0:
            start = bisect_left(names, text)
            found = [name for name in names[start : start + 50] if name.startswith(text)]
        return found[state] if state < len(found) else None

    def keep() -> None:
        try:
            readline.write_history_file(history)
        except OSError:
            return

    readline.set_completer(complete)
    readline.set_completer_delims(" \t")
    readline.parse_and_bind("tab: complete")
    if history.exists():
        readline.read_history_file(history)
    atexit.register(keep)
