"""A digest of the source behind a stage, blind to comments, docstrings and moved lines.

The runner's own source does not count: what a stage computes does not depend on it.
"""

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
        if module not in trees and not f"{module}.".startswith(f"{__package__}."):
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
        if isinstance(node, ast.ImportFrom):
            origin = _origin(node, module, path)
            imports += [origin, *(f"{origin}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            imports += [alias.name for alias in node.names]
        elif isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    digest = hashlib.blake2b(ast.unparse(tree).encode(), digest_size=32).hexdigest()
    local = [name for name in imports if name.split(".")[0] == package and _path_of(name)]
    return digest, local


def _origin(node: ast.ImportFrom, module: str, path: Path) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    above = node.level - (path.name == "__init__.py")
    return ".".join([*parts[: len(parts) - above], *([node.module] if node.module else [])])


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
