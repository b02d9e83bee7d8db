"""What is done to a text before it is cut into tokens."""

from __future__ import annotations

import html
import re
import unicodedata

_BREAK = re.compile(r"<\s*(?:br|p|/p)\s*/?\s*>", re.IGNORECASE | re.ASCII)


def normalize(text: str, *, lower: bool = True) -> str:
    """Plain text in one Unicode form.

    HTML entities are resolved, HTML breaks and paragraphs become spaces, Unicode is brought into
    NFKC (full-width letters, ligatures, no-break spaces), the typographic apostrophe becomes
    ``'``, and with ``lower`` letters lose their case.
    """
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _BREAK.sub(" ", text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return text.lower() if lower else text
