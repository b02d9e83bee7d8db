"""What can go wrong with a pipeline."""

from __future__ import annotations

from pathlib import Path


class PipelineError(ValueError):
    """A pipeline can't be run as it is written. The message says what is wrong, where, and what
    to do."""


class StageFailedError(RuntimeError):
    """A stage began and did not finish. The exception it ended with is the ``__cause__``.

    Attributes:
        stage: its name in the pipeline.
        traceback: the file that holds the traceback.
    """

    def __init__(self, stage: str, cause: BaseException, traceback: Path) -> None:
        super().__init__(f"stage {stage!r} failed: {cause}")
        self.stage = stage
        self.traceback = traceback
