"""How a run shows itself: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from typing import IO, Any, Self

from textdl.pipeline.events import Display, Event, line_of, seconds_text


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
        self._rates: dict[str, _Rate] = {}

    def show(self, event: Event) -> None:
        if line := line_of(event):
            self.line(line)
        if event["event"] == "progress":
            self.progress(event)
        elif event["event"] in ("done", "failed"):
            self.clear(event["stage"])

    def line(self, text: str) -> None:
        print(text, file=self._file, flush=True)
        self._last = time.monotonic()

    def progress(self, event: Event) -> None:
        rate = self._rates.setdefault(event["stage"], _Rate())
        rate.see(event["done"])
        if time.monotonic() - self._last >= self._every:
            self.line(f"  {event['stage']}: {describe(event, rate)}")

    def clear(self, stage: str) -> None:
        self._rates.pop(stage, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None: ...


class Bars(Lines):
    """A progress bar for every running stage, below the lines."""

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
        self._tasks: dict[str, Any] = {}

    def line(self, text: str) -> None:
        self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def progress(self, event: Event) -> None:
        stage, total = event["stage"], event["total"]
        rate = self._rates.setdefault(stage, _Rate())
        rate.see(event["done"])
        text = describe(event, rate, short=True)
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(text, total=total, stage=stage)
        self._progress.update(
            self._tasks[stage], completed=event["done"], total=total, description=text
        )

    def clear(self, stage: str) -> None:
        super().clear(stage)
        if stage in self._tasks:
            self._progress.remove_task(self._tasks.pop(stage))

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        for stage in list(self._tasks):
            self.clear(stage)
        self._progress.stop()


def default_display() -> Display:
    """Bars if a person watches, else lines."""
    return Bars() if sys.stderr.isatty() else Lines()


def describe(event: Event, rate: _Rate, *, short: bool = False) -> str:
    """``42% of 17,000,000 words, 2,100,000 words/s, 5.00 s left, loss 2.31``; ``short`` leaves out
    of how many."""
    done, total, unit = event["done"], event["total"], event["unit"]
    if not total:
        parts = [f"{done:,.0f} {unit}"]
    else:
        parts = [f"{done / total:4.0%}" + ("" if short else f" of {total:,.0f} {unit}")]
    if per_second := rate.per_second():
        parts.append(f"{per_second:,.0f} {unit}/s")
        if total:
            parts.append(f"{seconds_text((total - done) / per_second)} left")
    parts += [f"{name} {value:.4g}" for name, value in event["facts"].items()]
    return ", ".join(parts)


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
