"""What the documentation shows happens."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest
import torch

import textdl.vectors

ROOT = Path(__file__).parents[1]
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL

MODULES = [
    module.name
    for module in pkgutil.walk_packages(textdl.vectors.__path__, "textdl.vectors.")
    if ".kernels" not in module.name
]


@pytest.mark.parametrize("name", MODULES)
def test_docstrings(name):
    found = doctest.testmod(importlib.import_module(name), optionflags=OPTIONS)
    assert not found.failed


@pytest.fixture
def one_thread():
    """Networks as small as those of the guide are slower with more."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("page", ["docs/classifiers.md", "docs/vectors.md", "README.md"])
def test_pages(page):
    found = doctest.testfile(str(ROOT / page), module_relative=False, optionflags=OPTIONS)
    assert found.attempted
    assert not found.failed
