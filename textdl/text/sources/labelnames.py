"""The names of labels of any kind: strings, numbers, or true and false."""

from __future__ import annotations

import re
from typing import Any

_INTEGER = re.compile(r"([+-]?)0*(\d+)(\.0*)?")
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?")


def label_name(value: Any) -> str:
    """The name of a label; empty where there is none."""
    if is_minus_one(value):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value).strip()
    if integer := _INTEGER.fullmatch(text):
        sign, digits = integer[1], integer[2]
        return ("-" if sign == "-" and digits != "0" else "") + digits
    return text


def is_minus_one(value: Any) -> bool:
    """Whether a value is -1, as a number or as a string."""
    found = _INTEGER.fullmatch(str(value).strip())
    return found is not None and found[1] == "-" and found[2] == "1"


def natural_order(names: list[str]) -> Any:
    """What to sort names by."""
    return float if are_numbers(names) else str


def are_numbers(names: list[str]) -> bool:
    """Whether all names are decimal numbers."""
    return all(_NUMBER.fullmatch(name) for name in names)
