"""The shell command: one verb per module, no logic."""

from __future__ import annotations

import gc
import io
import sys


def main() -> None:
    """Run the command line of this process, and exit."""
    gc.set_threshold(10_000)  # looking for garbage among new modules took 4 % of a cached run
    sys.exit(run_command(sys.argv[1:]))


def run_command(arguments: list[str]) -> int:
    """Run a command line and return its exit code: 0 done, 1 a stage failed, 2 bad input or usage,
    130 or 143 stopped by a signal."""
    from textdl.cli.app import textdl

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal without Unicode is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    try:
        textdl(arguments, prog_name="textdl")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
