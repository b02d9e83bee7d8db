"""A digest of the source behind a stage, blind to comments, docstrings and moved lines."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any


def source_digest(functions: Iterable[Callable[..., Any]]) -> str:
    """The digest of the modules that define the functions and of those which they import from the
    same top-level package, found by reading and not by importing."""
    waiting = [function.__module__ for function in functions]
    trees: dict[str, str] = {}
    while waiting:
        module = waiting.pop()
        if module not in trees:
            path = _path_of(module)
            trees[module], imports = _read(path, module) if path else ("", [])
            waiting += imports
    text = "\n".join(f"{module} {digest}" for module, digest in sorted(trees.items()))
    return hashlib.blake2b(text.encode(), digest_size=32).hexdigest()


_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def _read(path: Path, module: str) -> tuple[str, list[str]]:
    tree = ast.parse(path.read_bytes())
    package = module.split(".")[0]
    imports = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            imports += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            imports += [alias.name for alias in node.names]
        elif isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    digest = hashlib.blake2b(ast.dump(tree).encode(), digest_size=32).hexdigest()
    local = [name for name in imports if name.split(".")[0] == package and _path_of(name)]
    return digest, local


@cache
def _path_of(module: str) -> Path | None:
    # Not importlib's find_spec: it would import the packages on the way.
    top, *rest = module.split(".")
    if top == module or top not in sys.modules:
        file = getattr(sys.modules.get(module), "__file__", None)
        return Path(file) if file else None
    for root in getattr(sys.modules[top], "__path__", []):
        place = Path(root, *rest)
        for path in (place.with_suffix(".py"), place / "__init__.py"):
            if path.is_file():
                return path
    return None
