"""What happens in a run, for whoever watches: a screen, a log file, another program.

An event is a dict of JSON: ``event`` names what happened, ``time`` says when (seconds since 1970),
``stage`` where, and the rest is named in :data:`LINES`. One more, ``progress``, has ``done``,
``total``, ``unit`` and ``facts``.
"""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, Self

Event = dict[str, Any]

LINES = {
    "cached": "{stage}: cached",
    "runs": "{stage}: runs ({reason})",
    "waits": "{stage}: waits for {owner}",
    "took": "{stage}: taken from {source}",
    "note": "  {stage}: {text}",
    "done": "{stage}: done in {duration}, {size}",
    "failed": "{stage}: failed: {error}",
    "skipped": "{stage}: not run, because {cause} failed",
    "says": "{text}",
}
"""How events that stay read for a person."""


class Display(Protocol):
    """Somebody who watches a run."""

    def show(self, event: Event) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


def line_of(event: Event) -> str | None:
    """The line of an event that stays; None for one that doesn't."""
    if event["event"] not in LINES:
        return None
    shown = dict(event)
    if event["event"] == "done":
        shown["duration"] = seconds_text(event["seconds"])
        shown["size"] = size_text(event["bytes"])
    return LINES[event["event"]].format_map(shown)


class Log:
    """Hands events on, and keeps them in ``events.jsonl`` and, as lines, in ``run.log``. Progress
    is kept once a second. What can't be written for want of space is left out.

    Raises:
        OSError: the files can't be opened.
    """

    def __init__(self, folder: Path, display: Display | None) -> None:
        self._display = display
        self._progress: dict[str, float] = {}
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as opened:
            self._lines, self._events = (
                opened.enter_context((folder / name).open("a", encoding="utf-8"))
                for name in ("run.log", "events.jsonl")
            )
            self._opened = opened.pop_all()

    def tell(self, event: str, **facts: Any) -> None:
        self.hear({"time": time.time(), "event": event, **facts})

    def hear(self, event: Event) -> None:
        if self._display:
            self._display.show(event)
        if event["event"] == "progress":
            now = time.monotonic()
            if now - self._progress.get(event["stage"], -1.0) < 1:
                return
            self._progress[event["stage"]] = now
        _write(self._events, json.dumps(event, ensure_ascii=False))
        if line := line_of(event):
            when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(event["time"]))
            _write(self._lines, f"{when} {line}")

    def __enter__(self) -> Self:
        if self._display:
            self._opened.enter_context(self._display)
        return self

    def __exit__(self, *error: Any) -> None:
        with contextlib.suppress(OSError):
            self._opened.__exit__(*error)


def _write(file: IO[str], line: str) -> None:
    with contextlib.suppress(OSError):
        print(line, file=file, flush=True)


def size_text(size: float) -> str:
    """``31 B``, ``4.2 kB``, ``180 MB``, ``5.0 GB``."""
    units = ["B", "kB", "MB", "GB"]
    while size >= 999.5 and len(units) > 1:
        size, units = size / 1000, units[1:]
    return f"{size:.0f} {units[0]}" if units[0] == "B" or size >= 99.5 else f"{size:.1f} {units[0]}"


def seconds_text(seconds: float) -> str:
    """``0.31 s``, ``42 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 10:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
