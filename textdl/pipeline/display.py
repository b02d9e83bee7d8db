"""How a run shows itself: bars on a terminal, plain lines elsewhere, and always a log file."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, Self


class Display(Protocol):
    """What the runner tells whoever watches."""

    def line(self, text: str) -> None:
        """A line that stays."""

    def update(self, stage: str, done: float, total: float, unit: str, facts: Any) -> None:
        """How far the running stage is."""

    def clear(self) -> None:
        """The stage has ended: take its bar away."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class Lines:
    """Plain lines, with how far a stage is at most every few seconds.

    Args:
        file: default the standard error stream.
        every: seconds between two lines of progress.
    """

    def __init__(self, file: IO[str] | None = None, every: float = 5) -> None:
        self._file = file or sys.stderr
        self._every = every
        self._last = time.monotonic()
        self._rate = _Rate()

    def line(self, text: str) -> None:
        print(text, file=self._file, flush=True)
        self._last = time.monotonic()

    def update(self, stage: str, done: float, total: float, unit: str, facts: Any) -> None:
        self._rate.see(done)
        if time.monotonic() - self._last >= self._every:
            self.line(f"  {stage}: {describe(done, total, unit, facts, self._rate)}")

    def clear(self) -> None:
        self._rate = _Rate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.clear()


class Bars(Lines):
    """A progress bar below the lines."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        super().__init__()
        self._progress = Progress(
            TextColumn("  {task.fields[stage]}"),
            BarColumn(bar_width=20),
            TextColumn("{task.description}"),
            console=Console(stderr=True),
            transient=True,
        )
        self._task: Any = None

    def line(self, text: str) -> None:
        self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def update(self, stage: str, done: float, total: float, unit: str, facts: Any) -> None:
        self._rate.see(done)
        text = describe(done, total, unit, facts, self._rate, short=True)
        if self._task is None:
            self._task = self._progress.add_task(text, total=total, stage=stage)
        self._progress.update(self._task, completed=done, total=total, description=text)

    def clear(self) -> None:
        super().clear()
        if self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.clear()
        self._progress.stop()


class Logged:
    """Passes everything on and keeps the lines in a file, with the time of each."""

    def __init__(self, display: Display, path: Path) -> None:
        self._display = display
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8")

    def line(self, text: str) -> None:
        self._display.line(text)
        print(time.strftime("%Y-%m-%d %H:%M:%S"), text, file=self._file, flush=True)

    def update(self, stage: str, done: float, total: float, unit: str, facts: Any) -> None:
        self._display.update(stage, done, total, unit, facts)

    def clear(self) -> None:
        self._display.clear()

    def __enter__(self) -> Self:
        self._display.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._display.__exit__(kind, error, traceback)
        self._file.close()


def default_display() -> Display:
    """Bars if a person watches, else lines."""
    return Bars() if sys.stderr.isatty() else Lines()


def describe(
    done: float,
    total: float,
    unit: str,
    facts: dict[str, float],
    rate: _Rate,
    *,
    short: bool = False,
) -> str:
    """``42% of 17,000,000 words, 2,100,000 words/s, 5.00 s left, loss 2.31``; ``short`` leaves out
    of how many."""
    if not total:
        parts = [f"{done:,.0f} {unit}"]
    else:
        parts = [f"{done / total:4.0%}" + ("" if short else f" of {total:,.0f} {unit}")]
    if per_second := rate.per_second():
        parts.append(f"{per_second:,.0f} {unit}/s")
        if total:
            parts.append(f"{seconds_text((total - done) / per_second)} left")
    parts += [f"{name} {value:.4g}" for name, value in facts.items()]
    return ", ".join(parts)


def seconds_text(seconds: float) -> str:
    """``0.31 s``, ``42 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 10:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


class _Rate:
    """The mean speed since a stage was first heard of in this process: a resumed stage begins in
    the middle."""

    def __init__(self) -> None:
        self._first: tuple[float, float] | None = None
        self._last = (0.0, 0.0)

    def see(self, done: float) -> None:
        self._last = (time.monotonic(), done)
        if self._first is None or done < self._first[1]:
            self._first = self._last

    def per_second(self) -> float | None:
        if self._first is None:
            return None
        seconds, done = (self._last[0] - self._first[0], self._last[1] - self._first[1])
        return done / seconds if seconds > 0.2 and done > 0 else None
