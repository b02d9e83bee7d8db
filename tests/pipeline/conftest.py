import io
import json
import os
import subprocess
import sys
import time

import pytest
from pipeline import toy

from textdl.display import Lines
from textdl.pipeline import make_planner, read_pipeline, run_pipeline

PIPELINE = """
[read]
source = "SOURCE"

[change]
inputs = { text = "read" }

[join]
inputs = { first = "read", second = "change" }
"""


class Workshop:
    """A pipeline file, a store and a folder for links, and what can be done with them."""

    def __init__(self, folder):
        self.folder = folder
        self.file = folder / "toy.toml"
        self.source = folder / "source.txt"
        self.source.write_text("abc")
        self.write(PIPELINE.replace("SOURCE", str(self.source)))
        self.places = {"home": folder / "home", "runs": folder / "runs"}
        self.log = ""

    def write(self, text):
        self.file.write_text(text)

    def add(self, name, text):
        """Write another file beside the pipeline."""
        (self.folder / name).write_text(text)

    def pipeline(self, overrides=None):
        return read_pipeline(self.file, toy.find_stage, overrides)

    def run(self, overrides=None, **options):
        toy.CALLS.clear()
        output = io.StringIO()
        try:
            pipeline = self.pipeline(overrides)
            if until := options.pop("until", None):
                pipeline = pipeline.until(until)
            return run_pipeline(pipeline, **self.places, display=Lines(output), **options)
        finally:
            self.log = output.getvalue()

    def plan(self, overrides=None, **options):
        pipeline = self.pipeline(overrides)
        steps = make_planner(pipeline, **self.places, **options).plan(pipeline)
        return {step.node.name: (step.state, step.reason) for step in steps}

    def start(self, *arguments, **environment):
        """textdl as a process of its own, on this pipeline and these places."""
        places = [f"--{name}={path}" for name, path in self.places.items()]
        return subprocess.Popen(
            [sys.executable, "-m", "textdl", "run", self.file, *places, *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **environment},
        )  # fmt: skip

    def wait_for(self, text, process=None):
        """Wait until the log holds a text."""
        log = self.places["runs"] / "toy/run.log"
        for _ in range(1200):
            if log.exists() and text in log.read_text():
                return
            assert process is None or process.poll() is None, process.communicate()
            time.sleep(0.05)
        raise AssertionError(f"{text!r} is not in the log")

    def record(self):
        return json.loads((self.places["runs"] / "toy/run.json").read_text())

    def files(self):
        home = self.places["home"]
        return sorted(path.relative_to(home).as_posix() for path in home.rglob("*"))


@pytest.fixture
def workshop(tmp_path):
    return Workshop(tmp_path)
