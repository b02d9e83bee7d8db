"""The page of a run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from textdl.pipeline.store.files import replace
from textdl.report.chapters import Chapter, chapters
from textdl.report.page import SYNTHETIC, Section, kept_sections, named, page_html, section_html
from textdl.report.results import Record, Results
from textdl.report.summary import facts, what_ran

FORMAT = 2
"""Raised when sections of the same results change."""


def write_run_report(
    record: Record,
    folder_of: Callable[[str], Path],
    path: Path,
    *,
    warn: Callable[[str], None] = lambda text: None,
) -> None:
    """Write one page, which needs no other file, on a run.

    A section that the page at ``path`` has of the same results is taken from there. One that can't
    be made is left out.

    Args:
        record: what ``run.json`` says.
        folder_of: where the files with a digest are.
        warn: what hears of sections that are left out.

    Raises:
        OSError: the page can't be written.
    """
    results = Results(record, folder_of)
    if results.gone:
        warn(f"the store no longer has the results of {', '.join(results.gone)}")
    kept = kept_sections(path) if path.is_file() else {}
    overview = what_ran(results)
    titles = {overview.name: overview.title}
    contents = {overview.name: section_html(overview)}
    keys = {}
    for chapter in chapters(results):
        name = named(chapter.title, titles)
        key = _key(chapter, results)
        made = kept.get((name, key))
        if made is None:
            try:
                section = chapter.make()
                made = section_html(section) if section else ""
            except Exception as error:  # the page must not stop a run
                warn(_lack(chapter, error))
                continue
        titles[name], contents[name], keys[name] = chapter.title, made, key
    warning = SYNTHETIC if results.synthetic else ""
    page = page_html(
        str(record["pipeline"]), warning, titles, contents, keys=keys, facts=facts(record)
    )
    write_page_at(path, page)


def write_page_at(path: Path, page: str) -> None:
    """Write a page whole or not at all, with the folders above it.

    Raises:
        OSError: it can't be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_file():  # a pipe, or a folder, of which the error tells
        path.write_text(page, "utf-8")
    else:
        replace(path, page)


def run_sections(
    record: Record, folder_of: Callable[[str], Path], *, warn: Callable[[str], None]
) -> list[Section]:
    """All sections of the page of a run, for their tables. One that can't be made is left out."""
    results = Results(record, folder_of)
    sections = [what_ran(results)]
    for chapter in chapters(results):
        try:
            section = chapter.make()
        except Exception as error:
            warn(_lack(chapter, error))
        else:
            sections += [section] if section else []
    return sections


def _lack(chapter: Chapter, error: Exception) -> str:
    return f"the report lacks {chapter.title!r}: {type(error).__name__}: {error}"


def _key(chapter: Chapter, results: Results) -> str:
    """What a section is made from, and whether that is still there."""
    facts = ("uses", "digest", "inputs", "seconds", "resumed", "measured")
    read = {
        name: [name in results.kinds, *(results.stages[name][fact] for fact in facts)]
        for name in chapter.reads
        if name in results.stages
    }
    text = json.dumps([FORMAT, chapter.title, read], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
