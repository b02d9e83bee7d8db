"""The tables of calls, for those who come from another tool, name what exists."""

import ast
import inspect
import re
from pathlib import Path

import pytest

import textdl
import textdl.text
import textdl.training.batches
from textdl.cli import run_command

DOCS = Path(__file__).parents[1] / "docs"
SPAN = re.compile(r"`([^`]+)`")
CALLS = [
    (page.stem, cell)
    for page in sorted(DOCS.glob("tasks/from-*.md"))
    for cell in re.findall(r"^\|[^|]+\|(.*)\|$", page.read_text("utf-8"), re.MULTILINE)
    if SPAN.search(cell)
]
TRAINERS = [getattr(textdl, name) for name in textdl.__all__ if name.startswith(("train_", "fit_"))]


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """What the names in tables of calls stand for."""
    folder = tmp_path_factory.mktemp("known")
    rows = [f"{['bad', 'good'][i % 2]} film,{i % 2}" for i in range(40)]
    (folder / "reviews.csv").write_text("\n".join(["text,label", *rows]))
    documents = textdl.read_documents(folder / "reviews.csv", folder / "documents")
    corpus = textdl.build_corpus(documents, folder / "corpus")
    return {
        "corpus": corpus,
        "len": len,
        "model": textdl.fit_nbsvm(corpus),
        "textdl": textdl,
        "vectors": textdl.Vectors(["film"], [[1.0]]),
    }


def look_up(node, known):
    """Follow names and attributes; a call must fit the signature, and gives nothing to look at
    unless it is vectors."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Attribute):
        return getattr(look_up(node.value, known), node.attr)
    if isinstance(node, ast.Call):
        keywords = {keyword.arg: None for keyword in node.keywords}
        signature = inspect.signature(look_up(node.func, known))
        signature.bind(*[None] * len(node.args), **keywords)
        if signature.return_annotation == "Vectors":
            return known["vectors"]
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr) and not isinstance(node, ast.Call):
            look_up(child, known)
    return None


@pytest.mark.parametrize(("page", "cell"), CALLS)
def test_calls_in_tables_exist(page, cell, known):
    """A span is a call, a command, or a setting: of the function that the cell names, or of some
    trainer."""
    spans = SPAN.findall(cell)
    owners = [
        look_up(ast.parse(name, mode="eval").body, known)
        for name in re.findall(r"(?:of|and) `(textdl[\w.]+)`", cell)
    ]
    settings = [set(inspect.signature(f).parameters) for f in owners or TRAINERS]
    for span in spans:
        if span.startswith("textdl "):
            assert run_command([span.split()[1], "--help"]) == 0
        elif setting := re.fullmatch(r"(\w+)(=.+)?", span):
            found = [setting[1] in of for of in settings]
            assert all(found) if owners else any(found)
        else:
            look_up(ast.parse(span, mode="eval").body, known)
