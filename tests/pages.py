"""Pages of the documentation, followed as a reader would: their files are written, their commands
and their Python run, in the order in which they stand, and what comes out is what they show.

A block that can't be run has a comment before it which says why: ``<!-- not run: … -->``.
"""

import doctest
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from textdl.cli import run_command

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("data/**/*.md"), *ROOT.glob("docs/**/*.md")])
_BLOCK = re.compile(
    r'^(?:<!-- not run: ([^\n]+) -->\n\n?)?```(\w+)(?: title="([^"]+)")?\n(.*?)^```$',
    re.MULTILINE | re.DOTALL,
)
_FIGURE = re.compile(r"\b\d+(?:\.\d+)?\b")
_TIME = re.compile(r"\d[\d.]* (?:h|min|s)\b(?: \d+ (?:min|s)\b)?")
_SIZE = re.compile(r"\d[\d.]* (?:B|kB|MB|GB)\b")
_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL
_REST = {
    "reviews": 'dataset = "synthetic"',
    "tokens": 'inputs = { documents = "reviews" }',
    "skipgram": 'inputs = { corpus = "tokens" }',
    "textcnn": 'inputs = { corpus = "tokens", vectors = "skipgram" }',
}
"""Stages that a part of a pipeline may take for granted."""


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        excuse: why it is not run, if it is not.
        title: the file that it is, if it is one.
    """

    excuse: str | None
    language: str
    title: str | None
    source: str

    @property
    def is_code(self) -> bool:
        return self.language != "math"


def blocks(page: Path) -> list[Block]:
    return [Block(*found.groups()) for found in _BLOCK.finditer(page.read_text("utf-8"))]


def follow(page, capsys):
    """Do what a page says, in the current folder."""
    names = {"__name__": "__main__"}
    for block in blocks(page):
        if block.title:
            Path(block.title).write_text(block.source, "utf-8")
        elif block.is_code and not block.excuse:
            assert block.language in RUN, f"{page}: say why this is not run:\n{block.source}"
            RUN[block.language](block.source, names, capsys)


class _NearlyEqual(doctest.OutputChecker):
    """Trained figures may differ a little from one processor to another, times and sizes at
    will."""

    def check_output(self, want, got, optionflags):
        want, got = (_SIZE.sub("0 B", _TIME.sub("0 s", text)) for text in (want, got))
        shown, found = ([float(n) for n in _FIGURE.findall(text)] for text in (want, got))
        if len(shown) == len(found):
            if shown != pytest.approx(found, rel=0.1, abs=0.03):
                return False
            want, got = _FIGURE.sub("0", want), _FIGURE.sub("0", got)
        return super().check_output(want, got, optionflags)


def _session(source, names, capsys):
    test = doctest.DocTestParser().get_doctest(source, names, "page", None, 0)
    heard = []
    runner = doctest.DocTestRunner(_NearlyEqual(), optionflags=_FLAGS)
    runner.run(test, out=heard.append, clear_globs=False)
    names.update(test.globs)
    assert not runner.failures, "".join(heard)


def _python(source, names, capsys):
    exec(compile(source, "page", "exec"), names)


def _command(line, capsys, fails=False):
    """What a command shows, which fails just if it is to."""
    program, *arguments = shlex.split(line, comments=True)
    assert program == "textdl", f"say why this is not run:\n{line}"
    capsys.readouterr()
    code = run_command(arguments)
    shown = capsys.readouterr()
    assert bool(code) == fails, f"$ {line}\n{shown.err}"
    return shown.err + shown.out


def _console(source, names, capsys):
    for command in re.split(r"^\$ ", source, flags=re.MULTILINE)[1:]:
        line, _, want = command.partition("\n")
        got = _command(line, capsys, fails=want.startswith("textdl: "))
        assert _NearlyEqual().check_output(want, got, _FLAGS), f"$ {line}\n{got}"


def _commands(source, names, capsys):
    for line in source.splitlines():
        _command(line, capsys)


def _part_of_a_pipeline(source, names, capsys):
    rest = (f"[{name}]\n{table}\n" for name, table in _REST.items() if f"[{name}]" not in source)
    Path("part.toml").write_text("\n".join([source, *rest]), "utf-8")
    _command("textdl plan part.toml", capsys)


RUN = {
    "console": _console,
    "pycon": _session,
    "python": _python,
    "sh": _commands,
    "toml": _part_of_a_pipeline,
}
"""By language, how a block is run: its source, the names known so far, pytest's ``capsys``."""
