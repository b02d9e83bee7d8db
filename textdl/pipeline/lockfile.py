"""A small text file for version control that pins the digests of a pipeline's results."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from textdl.pipeline.errors import PipelineError
from textdl.pipeline.graph import Pipeline
from textdl.pipeline.plan import Planner
from textdl.pipeline.store.files import write_atomically
from textdl.pipeline.store.results import is_digest


def lock_path(pipeline: Pipeline) -> Path:
    """Beside the pipeline file."""
    return pipeline.path.with_suffix(".lock")


def write_lock(pipeline: Pipeline, planner: Planner) -> Path:
    """Pin the results that the pipeline has now.

    Raises:
        PipelineError: it is not computed.
    """
    digests = {}
    for step in planner.plan(pipeline):
        if step.manifest is None:
            raise PipelineError(f"{step.node.name} is not computed ({step.reason}): run it first")
        digests[step.node.name] = step.manifest["digest"]
    lines = [f'"{name}" = "{digest}"' for name, digest in sorted(digests.items())]
    head = "# The digests of the results, for textdl run --locked. Written by textdl lock."
    write_atomically(lock_path(pipeline), "\n".join([head, *lines, ""]))
    return lock_path(pipeline)


def read_lock(pipeline: Pipeline) -> Mapping[str, str]:
    """The digests by stage.

    Raises:
        PipelineError: there is no lock file that can be read.
    """
    path = lock_path(pipeline)
    try:
        digests = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise PipelineError(f"{path}: no such lock file: write it with textdl lock") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PipelineError(f"{path}: not a lock file ({error})") from error
    for name, digest in digests.items():
        if not is_digest(digest):
            raise PipelineError(f"{path}: not a lock file ({name} has no digest)")
    return digests
