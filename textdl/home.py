"""Where textdl keeps what it may need again."""

from __future__ import annotations

import os
from pathlib import Path


def default_home() -> Path:
    """``$TEXTDL_HOME``, or ``~/.cache/textdl``."""
    return Path(os.environ.get("TEXTDL_HOME") or "~/.cache/textdl").expanduser()
