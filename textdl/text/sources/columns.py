"""Which column holds the text and which the label."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from textdl.errors import InputError

TEXT_NAMES = (
    "text",
    "review",
    "sentence",
    "content",
    "comment",
    "document",
    "tweet",
    "review_text",
    "review_body",
    "reviewtext",
    "body",
    "message",
)
LABEL_NAMES = (
    "label",
    "labels",
    "sentiment",
    "class",
    "stars",
    "rating",
    "score",
    "polarity",
    "target",
)
SPLIT_NAME = "split"

CLEAR = 3.0
"""How many times longer than every other the longest string column must be to be the text."""


def known(name: str) -> str:
    """A column's name as it is compared with the lists above."""
    return name.strip().strip('"').lower().replace(" ", "_").replace("-", "_")


def text_column(lengths: dict[str, float], wanted: str | None, columns: Sequence[str]) -> str:
    """The column that holds the text.

    Args:
        lengths: the string columns that may be it, with the mean length of their first values.
        wanted: the user's ``text_column``.
        columns: all columns, to check ``wanted`` and to be listed in errors.

    Raises:
        InputError: there is no column ``wanted``, no string column, or no clear choice.
    """
    if wanted is not None:
        return existing(wanted, columns, "text_column")
    named = [name for name in lengths if known(name) in TEXT_NAMES]
    plain = [name for name in named if known(name) == "text"]
    candidates = plain or named or sorted(lengths, key=lambda name: -lengths[name])
    if len(candidates) == 1:
        return candidates[0]
    if not named and candidates and lengths[candidates[0]] > CLEAR * lengths[candidates[1]]:
        return candidates[0]
    problem = "several columns may hold the text" if candidates else "no column holds text"
    raise InputError(f"{problem}. Set text_column to one of {listed(columns)}.")


def label_column(columns: Sequence[str], text: str, wanted: str | None) -> str | None:
    """The column that holds the label, None where there is none.

    Args:
        columns: all columns.
        text: the one that holds the text.
        wanted: the user's ``label_column``; ``""`` for none.

    Raises:
        InputError: there is no column ``wanted``, or several may be it.
    """
    if wanted == "":
        return None
    if wanted is not None:
        return existing(wanted, columns, "label_column")
    named = [name for name in columns if known(name) in LABEL_NAMES and name != text]
    plain = [name for name in named if known(name) == "label"]
    if len(plain or named) > 1:
        raise InputError(
            f"several columns may hold the label: {listed(named)}. Set label_column to one of "
            'them, or to "" to read no labels.'
        )
    return next(iter(plain or named), None)


def existing(wanted: str, columns: Sequence[str], setting: str) -> str:
    """``wanted``, which must be one of ``columns``.

    Raises:
        InputError: it isn't; names the nearest column and all of them.
    """
    if wanted in columns:
        return wanted
    near = difflib.get_close_matches(wanted.lower(), [name.lower() for name in columns], 1)
    guess = next((f" (did you mean {name!r}?)" for name in columns if name.lower() in near), "")
    raise InputError(
        f"there is no column {wanted!r}{guess}. Set {setting} to one of {listed(columns)}."
    )


def listed(columns: Sequence[str]) -> str:
    """Names as they are shown in errors, long ones and long lists cut off."""
    shown = [repr(name if len(name) <= 40 else name[:39] + "…") for name in columns[:30]]
    return ", ".join(shown) + (", …" if len(columns) > 30 else "")
