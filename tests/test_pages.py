"""Every page of the documentation does what it says; ``test_quickstart.py`` follows the README."""

import functools
import re

import pytest
from pages import PAGES, ROOT, RUN, blocks, follow

from textdl.classifiers import networks
from textdl.text import synthetic

FENCE = re.compile(r"^ *(?:```|~~~)", re.MULTILINE)
INDENTED = re.compile(r"^\n {4}\S", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
FOLLOWED = [
    page
    for page in PAGES
    if page != ROOT / "README.md" and any(b.is_code and not b.excuse for b in blocks(page))
]


@pytest.fixture(scope="module")
def written_once():
    """The generator of reviews, which writes the same for every page, with a memory."""
    generate = synthetic.generate
    return functools.cache(lambda *arguments: tuple(generate(*arguments)))


@pytest.fixture
def workplace(tmp_path, monkeypatch, written_once):
    """An empty folder. What a page adds to the networks goes with it."""
    monkeypatch.setattr(synthetic, "generate", written_once)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("TEXTDL_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(networks, "NETWORKS", dict(networks.NETWORKS))


@pytest.mark.usefixtures("workplace", "one_thread")
@pytest.mark.parametrize("page", FOLLOWED, ids=lambda page: page.stem)
def test_a_page_shows_what_happens(page, capsys):
    follow(page, capsys)


def test_every_block_is_run_or_says_why_not():
    for page in PAGES:
        text, found = page.read_text("utf-8"), blocks(page)
        where = page.relative_to(ROOT)
        assert len(FENCE.findall(text)) == 2 * len(found), f"{where}: a block without a language"
        assert not INDENTED.search(FENCED.sub("", text)), f"{where}: code without a fence"
        for block in found:
            run = block.title or block.language in RUN
            assert run or block.excuse or not block.is_code, f"{where}:\n{block.source}"
