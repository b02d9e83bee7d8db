"""Values as a report shows them."""

from __future__ import annotations

from typing import Any


def value_text(value: Any) -> str:
    """A setting."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return ", ".join(map(value_text, value))
    return str(value)
