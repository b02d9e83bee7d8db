"""Stages that compute next to nothing, and count how often they are called."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge

from textdl.pipeline import StageRun, stage

CALLS: list[str] = []


@dataclass
class Text:
    content: str

    @property
    def info(self):
        return {"length": len(self.content)}

    def save(self, folder: Path) -> None:
        (folder / "text").write_text(self.content)

    @classmethod
    def load(cls, folder: Path) -> Text:
        return cls((folder / "text").read_text())


def _files(settings):
    path = Path(settings["source"])
    if settings["source"] == "nothing":
        return None
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file")
    if path.is_file():
        return {"file": path}
    return {f"folder/{file.name}": file for file in sorted(path.iterdir())}


@stage(version=1, files={"source": _files}, unkeyed=("speed",))
def read(
    *, source: str, times: Annotated[int, Ge(1)] = 1, speed: float = 1.0, tags: tuple[str, ...] = ()
) -> Text:
    CALLS.append("read")
    files = _files({"source": source}) or {}
    return Text("".join(file.read_text() for file in files.values()) * times + "".join(tags))


@stage(version=1)
def change(text: Text, *, case: Literal["upper", "lower"] = "upper", run: StageRun) -> Text:
    CALLS.append("change")
    run.note(f"to {case} case")
    run.update(1, 2, "letters", loss=0.5)
    return Text(getattr(text.content, case)())


@stage(version=1)
def join(first: Text, second: Text | None = None, *, between: str = "-") -> Text:
    CALLS.append("join")
    return Text(first.content + between + (second.content if second else "nobody"))


@stage(version=1)
def collect(texts: dict[str, Text], last: Text | None = None) -> Text:
    CALLS.append("collect")
    return Text(",".join(f"{name}={text.content}" for name, text in texts.items()))


@stage(version=1)
def fail(text: Text) -> Text:
    raise ValueError("this was to be expected")


@stage(version=1)
def steps(*, count: int = 5, seconds: float = 0.0, die_at: int = -1, run: StageRun) -> Text:
    """Counts, with a checkpoint after every number; kills its own process at ``die_at``, once."""
    file = run.checkpoints / "done"
    done = int(file.read_text()) if file.exists() else 0
    if done:
        run.note(f"resuming at {done}")
    for i in range(done, count):
        (run.output / "half").write_text("half done")
        if i == die_at and not done:
            os.kill(os.getpid(), 9)
        time.sleep(seconds)
        file.write_text(str(i + 1))
    (run.output / "half").unlink(missing_ok=True)
    return Text(str(count))


class Number:
    """An artifact that nothing takes."""

    save = load = None


@stage(version=1)
def number() -> Number:
    return Number()


STAGES = {s.name: s for s in (read, change, join, collect, fail, steps, number)}


def find_stage(name):
    if name not in STAGES:
        raise LookupError(list(STAGES))
    return STAGES[name]
