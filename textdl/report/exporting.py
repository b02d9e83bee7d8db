"""The tables of a report as files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from textdl.report.page import Section, named
from textdl.report.parts import Table


def write_tables(sections: Iterable[Section], folder: Path) -> list[Path]:
    """Write every table as CSV, Markdown and LaTeX, named after its section and itself.

    Returns:
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables: dict[str, Table] = {}
    for section in sections:
        for table in section.tables:
            tables[named(f"{section.title} {table.title}", tables)] = table
    written = []
    for name, table in tables.items():
        texts = {"csv": table.csv(), "md": table.markdown(), "tex": table.latex()}
        for ending, text in texts.items():
            path = folder / f"{name}.{ending}"
            path.write_text(text, "utf-8")
            written.append(path)
    return written
