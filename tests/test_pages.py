"""Pages of the documentation are followed as a reader would: their files are written, their
commands and their Python run, in the order in which they stand, and what comes out is what they
show."""

import doctest
import functools
import re
import shlex
from pathlib import Path

import pytest
import torch

from textdl.classifiers import networks
from textdl.cli import run_command
from textdl.text import synthetic

DOCS = Path(__file__).parents[1] / "docs"
FOLLOWED = ("../README.zh.md", "index.md", "tutorial.md", "tasks/*.md", "models/*.md")
PAGES = [path for pattern in FOLLOWED for path in sorted(DOCS.glob(pattern))]
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
FIGURE = re.compile(r"\b\d+(?:\.\d+)?\b")
COST = re.compile(r"\d[\d.]* (s|min|MB)\b")
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL
NOT_CODE = ("math", "text")
NOT_RUN = re.compile("not\\s+run|不运行")


class NearlyEqual(doctest.OutputChecker):
    """Trained figures may differ a little from one processor to another, times and sizes at
    will."""

    def check_output(self, want, got, optionflags):
        want, got = (COST.sub(r"0 \1", text) for text in (want, got))
        shown, found = ([float(n) for n in FIGURE.findall(text)] for text in (want, got))
        if len(shown) == len(found):
            if shown != pytest.approx(found, rel=0.1, abs=0.03):
                return False
            want, got = FIGURE.sub("0", want), FIGURE.sub("0", got)
        return super().check_output(want, got, optionflags)


def blocks(page):
    """Language, title, source, and what stands between it and the block before."""
    text, end = page.read_text("utf-8"), 0
    for found in BLOCK.finditer(text):
        yield *found.groups(), text[end : found.start()]
        end = found.end()


def run_python(source, names):
    test = doctest.DocTestParser().get_doctest(source, names, "page", None, 0)
    heard = []
    runner = doctest.DocTestRunner(NearlyEqual(), optionflags=FLAGS)
    runner.run(test, out=heard.append, clear_globs=False)
    names.update(test.globs)
    assert not runner.failures, "".join(heard)


def run_commands(source, capsys):
    for command in re.split(r"^\$ ", source, flags=re.MULTILINE)[1:]:
        line, _, want = command.partition("\n")
        program, *arguments = shlex.split(line, comments=True)
        assert program == "textdl"
        capsys.readouterr()
        run_command(arguments)
        shown = capsys.readouterr()
        got = shown.err + shown.out
        assert NearlyEqual().check_output(want, got, FLAGS), f"$ {line}\n{got}"


@pytest.fixture(scope="module")
def written_once():
    """The generator of reviews, which writes the same for every page, with a memory."""
    generate = synthetic.generate
    return functools.cache(lambda *arguments: tuple(generate(*arguments)))


@pytest.fixture
def workplace(tmp_path, monkeypatch, written_once):
    """An empty folder, and one thread: more are slower for networks as small as the pages'. What
    a page adds to the networks goes with it."""
    monkeypatch.setattr(synthetic, "generate", written_once)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("TEXTDL_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(networks, "NETWORKS", dict(networks.NETWORKS))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("workplace")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_shows_what_happens(page, capsys):
    names = {"__name__": "__main__"}
    for language, title, source, before in blocks(page):
        if title:
            Path(title).write_text(source, "utf-8")
        elif language == "pycon":
            run_python(source, names)
        elif language == "console":
            run_commands(source, capsys)
        elif language not in NOT_CODE:
            assert NOT_RUN.search(before), f"{page}: say why this is not run:\n{source}"
