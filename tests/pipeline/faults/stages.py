"""The pipeline of the fault suite: cheap stages of every kind, which log when they compute."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from pipeline.faults.injection import REAL
from pipeline.toy import Text

from textdl.pipeline import StageRun, stage

PIPELINE = """
[source]
path = "SOURCE"

[letters]
inputs = { text = "source" }

[shards]
inputs = { text = "letters" }

[fold]
inputs = { shards = "shards" }
matrix = { factor = [2, 3] }

[gather]
inputs = { texts = "fold" }

[summary]
inputs = { text = "gather" }
"""


def log(what: str, about: str) -> None:
    """Append a line to the log of all processes, whatever goes wrong elsewhere."""
    if path := os.environ.get("FAULTS_LOG"):
        handle = REAL.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        REAL.write(handle, f"{os.getpid()} {what} {about}\n".encode())
        REAL.close(handle)


def begins(*identity: object) -> str:
    """Log that a result is computed which depends on these things only."""
    name = digest(repr(identity))
    log("start", name)
    return name


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass
class Shards:
    parts: list[str]

    def save(self, folder: Path) -> None:
        (folder / "parts").mkdir(exist_ok=True)
        for i, part in enumerate(self.parts):
            (folder / f"parts/{i}").write_text(part)
        (folder / "count").write_text(str(len(self.parts)))

    @classmethod
    def load(cls, folder: Path) -> Shards:
        count = int((folder / "count").read_text())
        return cls([(folder / f"parts/{i}").read_text() for i in range(count)])


@stage(version=1)
def source(*, path: Path) -> Text:
    content = Path(path).read_text()
    begins("source", content)
    return Text(content)


@stage(version=1)
def letters(text: Text) -> Text:
    """The same for texts that differ in case only."""
    begins("letters", text.content)
    return Text(text.content.lower())


@stage(version=1)
def shards(text: Text, *, count: int = 3, run: StageRun) -> Shards:
    """Several files, one of them written before the others are known."""
    begins("shards", text.content, count)
    (run.output / "parts").mkdir()
    (run.output / "parts/0").write_text("unfinished")
    return Shards([digest(f"{text.content}{i}") * 1000 for i in range(count)])


@stage(version=1)
def fold(shards: Shards, *, factor: int, rounds: int = 4, run: StageRun) -> Text:
    """A training: rounds, a checkpoint after each, a damaged one is ignored."""
    name = begins("fold", shards.parts, factor, rounds)
    file = run.checkpoints / "state"
    done, value = _restored(file)
    log("resume", f"{name} {done}")
    value = value or digest("".join(shards.parts))
    for i in range(done, rounds):
        value = digest(value * factor)
        draft = file.with_name("draft")
        draft.write_text(json.dumps([i + 1, value, digest(f"{i + 1}{value}")]))
        draft.replace(file)
        log("keep", f"{name} {i + 1}")
        run.update(i + 1, rounds, "rounds")
    return Text(value * 200)


def _restored(file: Path) -> tuple[int, str]:
    try:
        done, value, check = json.loads(file.read_text())
        if check == digest(f"{done}{value}"):
            return done, value
    except (OSError, ValueError, TypeError):
        pass
    return 0, ""


@stage(version=1)
def gather(texts: dict[str, Text]) -> Text:
    begins("gather", sorted((name, text.content) for name, text in texts.items()))
    return Text("\n".join(f"{name} {text.content}" for name, text in texts.items()))


@stage(version=1)
def summary(text: Text) -> dict:
    begins("summary", text.content)
    return {"characters": len(text.content), "digest": digest(text.content)}


STAGES = {s.name: s for s in (source, letters, shards, fold, gather, summary)}


def find_stage(name):
    if name not in STAGES:
        raise LookupError(list(STAGES))
    return STAGES[name]
