"""The documentation as a site: it builds without a warning, and opens without a network."""

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

for _module in ("material", "mkdocstrings", "latex2mathml"):
    pytest.importorskip(_module, reason="pip install 'textdl[docs]'")

ROOT = Path(__file__).parents[1]
FETCHED = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc="?(?:https?:)?//"""
    r"""|<link\b(?=[^>]*rel="?(?:stylesheet|icon|preload|preconnect))[^>]*href="?(?:https?:)?//"""
    r"""|url\(["']?(?:https?:)?//|@import ["'](?:https?:)?//"""
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder


@pytest.mark.slow
def test_every_page_is_built(site):
    pages = {path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")}
    assert len(pages) > 40
    assert all((site / page).with_suffix(".html").is_file() for page in pages)


@pytest.mark.slow
def test_nothing_is_fetched_from_elsewhere(site):
    for path in [*site.rglob("*.html"), *site.rglob("*.css")]:
        assert not FETCHED.search(path.read_text("utf-8")), path


@pytest.mark.slow
def test_formulas_and_sessions_are_typeset(site):
    page = (site / "models" / "skip-gram.html").read_text("utf-8")
    assert page.count("<math") == 2
    reference = (site / "reference" / "vectors.html").read_text("utf-8")
    assert "&gt;&gt;&gt; </span>" in reference
    assert "<p>&gt;&gt;&gt;" not in reference
    assert not any(
        re.search(r":(class|func|meth|mod):`", p.read_text()) for p in site.rglob("*.html")
    )


@pytest.mark.slow
@pytest.mark.parametrize("module", ["textdl", "textdl.pipeline", "textdl.vectors"])
def test_every_public_name_has_its_place(site, module):
    pages = [*site.glob("reference/*.html"), *site.glob("models/*.html")]
    text = "".join(path.read_text("utf-8") for path in pages)
    named = set(re.findall(r'id="?textdl\.[\w.]*?(\w+)[" >]', text))
    assert not set(importlib.import_module(module).__all__) - named
