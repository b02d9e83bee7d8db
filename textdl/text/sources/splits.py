"""The names of splits, and which of them are read."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from textdl.errors import InputError
from textdl.text.sources.columns import listed

ALIASES = {
    "training": "train",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "development": "validation",
    "testing": "test",
    "unsup": "unsupervised",
    "unlabeled": "unsupervised",
    "unlabelled": "unsupervised",
}
NAMES = {"train", "validation", "test", "unsupervised", *ALIASES}


def split_name(name: str) -> str:
    """The name under which a split is known here: ``dev`` is ``validation``."""
    return ALIASES.get(name.strip().lower(), name.strip())


def split_of(parts: Sequence[str]) -> str | None:
    """The split that a file's name, or else the folders around it, speak of.

    Args:
        parts: the name without its suffixes, then the folders from the inside out.
    """
    for part in parts:
        for word in re.split(r"[^a-z]+", part.lower()):
            if word in NAMES:
                return split_name(word)
    shards = (re.fullmatch(r"(.+)-\d{5}-of-\d{5}", part) for part in parts)
    return next((shard[1] for shard in shards if shard), None)


def choose(available: Sequence[str], wanted: Sequence[str] | None, dataset: str) -> list[str]:
    """The splits to read: those ``wanted``, by default all that are ``available``.

    Raises:
        InputError: a split does not exist, or none is wanted.
    """
    if wanted is None:
        return list(available)
    names = [split_name(name) for name in wanted]
    for name in names:
        if name not in available:
            near = difflib.get_close_matches(name, available, 1)
            guess = f" (did you mean {near[0]!r}?)" if near else ""
            raise InputError(
                f"{dataset} has no split {name!r}{guess}. Set splits to some of "
                f"{listed(list(available))}."
            )
    if not names:
        raise InputError(f"splits is empty. Set it to some of {listed(list(available))}.")
    return [name for name in available if name in names]
