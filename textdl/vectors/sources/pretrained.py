"""Vectors that others trained and publish, by name."""

from __future__ import annotations

import difflib
import functools
import itertools
import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from textdl.errors import InputError
from textdl.progress import Progress
from textdl.vectors.sources import Source, find_source
from textdl.vectors.sources.download import fetch

FILE = Path(__file__).with_name("pretrained.toml")


@dataclass(frozen=True, kw_only=True)
class Pretrained:
    """What is known of some published vectors.

    Attributes:
        address: where their file is.
        dim: how long they are.
        lang: the language of the words, as their authors call it.
        licence: what their authors allow.
        paper: who made them and how.
        words: how many there are.
        member: the file within the archive at ``address``, if that holds several.
        size: the bytes of the download.
        sha256, md5: of the download, where somebody published it.
        tokenizer: where the SentencePiece model is that cuts words into these pieces.
    """

    name: str
    address: str
    dim: int
    lang: str
    licence: str
    paper: str
    words: int | None = None
    member: str | None = None
    size: int | None = None
    sha256: str | None = None
    md5: str | None = None
    tokenizer: str | None = None

    def get(
        self,
        *,
        folder: Path | None = None,
        mirror: str | None = None,
        progress: Progress | None = None,
    ) -> Source:
        """Download the vectors unless they are there already.

        Args:
            folder: where downloads are kept, see :func:`fetch`.
            mirror: an address that has the same files under ``host/path``; default
                ``$TEXTDL_MIRROR``, or none.

        Raises:
            InputError: see :func:`fetch` and :func:`find_source`.
        """
        path = fetch(
            _mirrored(self.address, mirror), folder=folder, sha256=self.sha256, md5=self.md5,
            size=self.size, progress=progress,
        )  # fmt: skip
        return find_source(path, self.member)

    def get_tokenizer(
        self,
        *,
        folder: Path | None = None,
        mirror: str | None = None,
        progress: Progress | None = None,
    ) -> Path | None:
        """The same for the tokenizer; None if the vectors are of whole words.

        Raises:
            InputError: see :func:`fetch`.
        """
        if self.tokenizer is None:
            return None
        return fetch(_mirrored(self.tokenizer, mirror), folder=folder, progress=progress)


def pretrained(name: str) -> Pretrained:
    """What is known of the vectors of this name.

    Raises:
        InputError: there are none; names those that are written alike.
    """
    registry = _registry()
    if name in registry:
        facts = registry[name]
        filled: dict[str, Any] = {
            field.name: _fill(facts[field.name], facts)
            for field in fields(Pretrained)
            if field.name in facts
        }
        return Pretrained(**filled)
    spelled = {known.lower(): known for known in registry}
    near = difflib.get_close_matches(name.lower(), spelled, 5, 0.7)
    near = near or [known for known in spelled if known.startswith(f"{name.lower()}.")][:5]
    hint = "pretrained_names() lists them"
    if near:
        hint = f"Did you mean {', '.join(spelled[known] for known in near)}?"
    raise InputError(f"no published vectors are known as {name!r}. {hint}")


def pretrained_names() -> list[str]:
    """The names of all published vectors that are known."""
    return list(_registry())


@functools.cache
def _registry() -> dict[str, dict[str, Any]]:
    content = tomllib.loads(FILE.read_text("utf-8"))
    return {
        _fill(facts["name"], facts): facts
        for entry in content["vectors"]
        for facts in _expand({**content["publishers"][entry["publisher"]], **entry})
    }


def _expand(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One for each combination of the values that are lists."""
    axes = {key: value for key, value in entry.items() if isinstance(value, list)}
    for values in itertools.product(*axes.values()):
        yield {**entry, **dict(zip(axes, values, strict=True))}


def _fill(value: Any, facts: dict[str, Any]) -> Any:
    """In a text, ``{key}`` stands for what is known under this key."""
    return value.format_map(facts) if isinstance(value, str) else value


def _mirrored(address: str, mirror: str | None) -> str:
    base = os.environ.get("TEXTDL_MIRROR") if mirror is None else mirror
    parts = urlsplit(address)
    return f"{base.rstrip('/')}/{parts.netloc}{parts.path}" if base else address
