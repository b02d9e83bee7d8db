"""What can go wrong with a pipeline."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path


class PipelineError(ValueError):
    """A pipeline can't be run as it is written. The message says what is wrong, where, and what
    to do."""


class StageFailedError(RuntimeError):
    """A stage began and did not finish. If it ran in this process, the exception it ended with is
    the ``__cause__``.

    Attributes:
        stage: its name in the pipeline.
        text: what went wrong.
        kinds: the names of the exception's class and of those above it.
        traceback: the file that holds the traceback.
        own: whether the stage is written beside the pipeline.
    """

    def __init__(
        self, stage: str, text: str, kinds: tuple[str, ...], traceback: Path, *, own: bool
    ) -> None:
        super().__init__(f"stage {stage!r} failed: {text}")
        self.stage, self.text, self.kinds = stage, text, kinds
        self.traceback, self.own = traceback, own


class ResultDiffersError(RuntimeError):
    """A result is another than the one that a lock file names."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint at the end of a message about a name that is not known."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    listed = ", ".join(names)
    return f": did you mean {near[0]!r}?" if near else f": there are {listed}" if names else ""
