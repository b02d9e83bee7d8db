"""A page: sections of text, tables, figures and other parts, as HTML and as Markdown."""

from __future__ import annotations

import re
import shutil
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textdl.errors import InputError
from textdl.report.parts import Part, Table

if TYPE_CHECKING:
    from jinja2 import Environment

SYNTHETIC = (
    "The texts are synthetic: a seeded grammar wrote them. The figures below show that the "
    "pipeline works; they say nothing about real reviews."
)


@dataclass(frozen=True)
class Report:
    """A folder with ``report.html`` (self-contained) and ``report.md``."""

    folder: Path

    @property
    def html(self) -> Path:
        """The page to open in a browser."""
        return self.folder / "report.html"

    def save(self, folder: Path) -> None:
        """Copy the report into ``folder``; nothing is done if it lies there already."""
        if folder.resolve() != self.folder.resolve():
            shutil.copytree(self.folder, folder, dirs_exist_ok=True)

    @classmethod
    def load(cls, folder: Path) -> Report:
        """The report in a folder.

        Raises:
            InputError: there is none.
        """
        if not (folder / "report.html").is_file():
            raise InputError(f"{folder}: holds no report.html")
        return cls(folder)


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it, in this order."""

    title: str
    notes: list[str]
    parts: list[Part]

    @property
    def tables(self) -> list[Table]:
        return [part for part in self.parts if isinstance(part, Table)]

    @property
    def name(self) -> str:
        """What the section is called in addresses."""
        return named(self.title)


def write_page(folder: Path, title: str, warning: str, sections: list[Section]) -> Report:
    """Write sections under a title, as HTML and as Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.html").write_text(page_of(title, warning, sections), "utf-8")
    page = {"title": title, "warning": warning, "sections": sections}
    (folder / "report.md").write_text(_render("report.md.jinja", page), "utf-8")
    return Report(folder)


def page_of(title: str, warning: str, sections: list[Section]) -> str:
    """Sections under a title as a page that needs no other file."""
    titles: dict[str, str] = {}
    for section in sections:
        titles[named(section.title, titles)] = section.title
    contents = map(section_html, sections)
    return page_html(title, warning, titles, dict(zip(titles, contents, strict=True)))


def section_html(section: Section) -> str:
    """What stands between the tags of a section."""
    return _render("section.html.jinja", {"section": section})


def page_html(
    title: str,
    warning: str,
    titles: Mapping[str, str],
    contents: Mapping[str, str],
    *,
    keys: Mapping[str, str] | None = None,
    facts: Mapping[str, str] | None = None,
) -> str:
    """A page that needs no other file.

    Args:
        titles, contents: of each section, by name, its title and the HTML in it; one that is empty
            is not shown.
        keys: what the content of a section was made from, for :func:`kept_sections`.
        facts: what is said in short below the title.
    """
    page = {
        "title": title,
        "warning": warning,
        "titles": titles,
        "contents": contents,
        "keys": keys or {},
        "facts": facts or {},
        "style": _own("page.css"),
        "scripts": _scripts(contents.values()),
    }
    return _render("page.html.jinja", page)


def kept_sections(path: Path) -> dict[tuple[str, str], str]:
    """The HTML of the sections of an earlier page, by name and key; empty without a page."""
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError):
        return {}
    return {(name, key): content for name, key, content in _SECTION.findall(text)}


_SECTION = re.compile(
    r'<section id="([\w-]+)" data-key="(\w+)"(?: hidden)?>\n(.*?)</section>', re.DOTALL
)


def named(title: str, taken: Container[str] = ()) -> str:
    """A name of small letters, digits and hyphens, with a number behind it if it's taken."""
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "part"
    numbered = chain([name], (f"{name}-{number}" for number in count(2)))
    return next(its for its in numbered if its not in taken)


def _scripts(contents: Any) -> list[str]:
    """The scripts of a page: only one with a map carries those of maps."""
    if any('class="map"' in content for content in contents):
        from textdl.report.bokehjs import source

        return [source(), _own("page.js"), _own("map.js")]
    return [_own("page.js")]


@cache
def _own(name: str) -> str:
    return resources.files("textdl.report").joinpath(name).read_text("utf-8")


def _render(template: str, page: Mapping[str, Any]) -> str:
    return _environment("html" in template).from_string(_own(template)).render(page)


@cache
def _environment(html: bool) -> Environment:
    from jinja2 import Environment, StrictUndefined

    return Environment(
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
