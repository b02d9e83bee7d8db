"""From exceptions to a paragraph and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import click

from textdl.errors import InputError

if TYPE_CHECKING:
    from textdl.pipeline.errors import StageFailedError

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
EXPECTED = ("InputError", "PipelineError", "OSError")
"""The kinds of exceptions that say what a person can do."""


@contextmanager
def explained() -> Iterator[None]:
    """Where what goes wrong is told in a paragraph, without a traceback."""
    try:
        yield
        sys.stdout.flush()
    except (click.ClickException, click.exceptions.Exit):
        raise  # what is wrong with the command line, or help
    except InputError as error:
        end(str(error), BAD_INPUT)
    except KeyboardInterrupt:
        end("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read the output has enough of it; nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        end(system_error(error), BAD_INPUT)
    except Exception as error:
        from textdl.pipeline.errors import PipelineError, StageFailedError

        if isinstance(error, PipelineError):
            end(str(error), BAD_INPUT)
        if isinstance(error, StageFailedError):
            end(f"{_cause(error)}. Finished stages are kept", FAILED)
        raise


def _cause(failure: StageFailedError) -> str:
    text = failure.text.rstrip(".")
    if "MemoryError" in failure.kinds:
        text = "out of memory"
    elif failure.kinds and not set(EXPECTED) & set(failure.kinds):
        whose = (
            "The traceback is in"
            if failure.own
            else ("This is a defect in textdl: please report it with")
        )
        text = f"unexpected {failure.kinds[0]}: {text}. {whose} {failure.traceback}"
    return f"stage {failure.stage!r} failed: {text}"


def system_error(error: OSError) -> str:
    """What the operating system says, and of which file."""
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)


def end(message: str, code: int) -> NoReturn:
    """Print a paragraph and leave with an exit code."""
    print(f"textdl: {message}", file=sys.stderr)
    sys.exit(code)
