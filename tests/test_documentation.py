"""What docstrings show happens."""

import doctest
import importlib
import pkgutil

import pytest

import textdl.vectors

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
