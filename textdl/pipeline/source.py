"""A digest of the source behind a stage, blind to comments, docstrings and moved lines.

The runner's own source does not count: what a stage computes does not depend on it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from textdl.pipeline.store.digests import DigestMemory, digest_text

FindModule = Callable[[str], Path | None]
"""From a module's name to its file, if its source counts."""


def source_digest(functions: Iterable[Callable[..., Any]], memory: DigestMemory) -> str:
    """The digest of the modules that define the functions and of those which they import from the
    same top-level package, found by reading and not by importing."""
    modules = tuple(function.__module__ for function in functions)
    packages = {module.split(".")[0] for module in modules}

    def find(module: str) -> Path | None:
        own = f"{module}.".startswith(f"{__package__}.")
        return None if own or module.split(".")[0] not in packages else _path_of(module)

    def read(path: Path, module: str) -> tuple[str, list[str]]:
        digest, imports = memory.recall(path, lambda path: _read(path, module), about=module)
        return digest, imports

    return _digest(_trees(modules, find, read))


def file_digest(path: Path) -> tuple[str, dict[str, Path]]:
    """The digest of a Python file and of the modules in its folder that it imports, and these
    modules' files."""

    def find(module: str) -> Path | None:
        return _in_folder(path.parent, module.split(".")) if module else path

    def read(path: Path, module: str) -> tuple[str, list[str]]:
        digest, imports = _read(path, module)
        return digest, [above for name in imports for above in accumulate(name.split("."), _join)]

    trees = _trees([""], find, read)
    files = {module: found for module in trees if module and (found := find(module))}
    return _digest(trees), files


def _join(package: str, module: str) -> str:
    return f"{package}.{module}"


def _trees(
    modules: Iterable[str],
    find: FindModule,
    read: Callable[[Path, str], tuple[str, list[str]]],
) -> dict[str, str]:
    """The digest of each of the modules and of those that they import."""
    waiting, trees = list(modules), {}
    while waiting:
        module = waiting.pop()
        if module not in trees:
            path = find(module)
            trees[module], imports = read(path, module) if path else ("", [])
            waiting += filter(find, imports)
    return trees


def _digest(trees: dict[str, str]) -> str:
    return digest_text("\n".join(f"{module} {digest}" for module, digest in sorted(trees.items())))


_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def _read(path: Path, module: str) -> tuple[str, list[str]]:
    """The digest of a file's code, and the names of all modules that it may import."""
    tree = ast.parse(path.read_bytes(), str(path))
    imports = list(dict.fromkeys(_imports(tree, module, path)))
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    return digest_text(ast.unparse(tree)), imports


def _imports(tree: ast.Module, module: str, path: Path) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            origin = _origin(node, module, path)
            yield from (origin, *(f"{origin}.{alias.name}" for alias in node.names))
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


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
        if path := _in_folder(Path(root), rest):
            return path
    return None


def _in_folder(folder: Path, parts: list[str]) -> Path | None:
    place = Path(folder, *parts)
    for path in (place / "__init__.py", place.with_suffix(".py")):  # as Python looks for it
        if path.is_file():
            return path
    return None
