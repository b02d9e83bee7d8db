"""The page of a run."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

from textdl.report.chapters import Chapter, chapters
from textdl.report.page import SYNTHETIC, Section, kept_sections, named, page_html, section_html
from textdl.report.results import Record, Results
from textdl.report.summary import facts, what_ran

FORMAT = 1
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
    kept = kept_sections(path)
    overview = what_ran(results)
    titles = {overview.name: overview.title}
    contents = {overview.name: section_html(overview)}
    keys = {}
    for chapter in chapters(results):
        name = named(chapter.title)
        key = _key(chapter, record)
        made = kept.get((name, key))
        if made is None:
            try:
                section = chapter.make()
                made = section_html(section) if section else ""
            except Exception as error:  # the page must not stop a run
                warn(f"the report lacks {chapter.title!r}: {type(error).__name__}: {error}")
                continue
        titles[name], contents[name], keys[name] = chapter.title, made, key
    warning = SYNTHETIC if _is_synthetic(record) else ""
    page = page_html(
        str(record["pipeline"]), warning, titles, contents, keys=keys, facts=facts(record)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(page, "utf-8")
    draft.replace(path)


def run_sections(record: Record, folder_of: Callable[[str], Path]) -> list[Section]:
    """All sections of the page of a run, for their tables."""
    results = Results(record, folder_of)
    made = [chapter.make() for chapter in chapters(results)]
    return [what_ran(results), *(section for section in made if section)]


def _key(chapter: Chapter, record: Record) -> str:
    facts = ("uses", "digest", "inputs", "seconds", "resumed", "measured")
    read = {
        name: {fact: record["stages"][name][fact] for fact in facts}
        for name in chapter.reads
        if name in record["stages"]
    }
    text = json.dumps([FORMAT, chapter.title, read], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _is_synthetic(record: Record) -> bool:
    return any(
        isinstance(info := entry["info"], dict)
        and (info.get("source") == "synthetic" or _nested(info) == "synthetic")
        for entry in record["stages"].values()
    )


def _nested(info: object) -> object:
    source = info.get("source") if isinstance(info, dict) else None
    return source.get("source") if isinstance(source, dict) else None
