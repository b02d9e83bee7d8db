"""A process that runs the pipeline while something goes wrong in it."""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from pathlib import Path

import pydantic
from pipeline.faults import injection, stages

from textdl.pipeline import (
    PipelineError,
    StageFailedError,
    Stopped,
    read_pipeline,
    run_pipeline,
)
from textdl.pipeline.store import locks

FINISHED, STAGE_FAILED, REFUSED, SYSTEM, DEFECT = 0, 1, 2, 3, 70
"""Exit codes, besides 128 + a signal's number."""


class _Watching:
    """A display that logs what is done and what is taken."""

    def show(self, event):
        if event["event"] in ("runs", "done", "took"):
            stages.log(event["event"], event["stage"])

    def __enter__(self):
        return self

    def __exit__(self, *error): ...


def start(world, settings, fault=None, *, user=None, **options):
    """Fork a process that runs the pipeline; its id.

    Args:
        settings: in place of those in the file.
        fault: see :mod:`pipeline.faults.injection`.
        user: as whom.
        options: of ``run_pipeline``.
    """
    signals = (signal.SIGINT, signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    pid = os.fork()
    if pid:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
        return pid
    code = DEFECT
    try:
        for number in signals:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
        code = _run(world, settings, fault, user, options)
    except BaseException:
        _say(world, traceback.format_exc())
    finally:
        os._exit(code)


def _run(world, settings, fault, user, options):
    os.environ["FAULTS_LOG"] = str(world.log)
    if options.get("jobs", 1) > 1:
        os.environ |= {"FAULTS_WORKER": json.dumps(fault), "FAULTS_ROOT": str(world.root)}
        sys.path.insert(0, str(Path(__file__).parent / "inject"))
        os.dup2(os.open(world.folder / "stderr", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    locks.BEAT = 0.02
    if user is not None:
        pydantic.create_model("imported")  # the other user may not be able to
        os.setgid(user)
        os.setuid(user)
    if fault and options.get("jobs", 1) == 1:
        injection.install(fault, world.root)
    try:
        pipeline = read_pipeline(world.file, stages.find_stage, settings)
        run_pipeline(pipeline, home=world.home, runs=world.runs, display=_Watching(), **options)
    except Stopped as stopped:
        return 128 + stopped.args[0]
    except StageFailedError as error:
        _say(world, str(error))
        expected = {"OSError", "PipelineError"} & set(error.kinds) or "process ended" in error.text
        return STAGE_FAILED if expected else DEFECT
    except PipelineError as error:
        _say(world, str(error))
        return REFUSED
    except OSError as error:
        _say(world, str(error))
        return SYSTEM
    return FINISHED


def _say(world, text):
    handle = injection.REAL.open(world.folder / "messages", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    injection.REAL.write(handle, f"{os.getpid()} {text}\n".encode())
