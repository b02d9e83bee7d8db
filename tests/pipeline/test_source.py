import importlib
import sys
from pathlib import Path

import pytest

from textdl.pipeline import source
from textdl.pipeline.store.digests import DigestMemory


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "someone"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "main.py").write_text(
        "from someone.helper import help_\n\ndef f():\n    return help_()\n"
    )
    (folder / "helper.py").write_text("def help_():\n    return 1\n")
    (folder / "apart.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] == "someone"]:
        del sys.modules[name]


def digest():
    source._path_of.cache_clear()
    return source.source_digest(
        [importlib.import_module("someone.main").f], DigestMemory(Path("none"))
    )


def test_comments_docstrings_and_moved_lines_do_not_count(package):
    before = digest()
    helper = package / "helper.py"
    helper.write_text('"""Helps."""\n\n# really\n\ndef help_():\n    """1"""\n    return 1\n')
    assert digest() == before


def test_what_is_imported_counts_and_what_is_not_does_not(package):
    before = digest()
    (package / "apart.py").write_text("x = 2\n")
    assert digest() == before
    (package / "helper.py").write_text("def help_():\n    return 2\n")
    assert digest() != before
