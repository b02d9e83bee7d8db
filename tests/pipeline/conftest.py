import io

import pytest
from pipeline import toy

from textdl.pipeline import plan_pipeline, read_pipeline, run_pipeline
from textdl.pipeline.display import Lines

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
        steps = plan_pipeline(self.pipeline(overrides), **self.places, **options)
        return {step.node.name: (step.state, step.reason) for step in steps}

    def files(self):
        home = self.places["home"]
        return sorted(path.relative_to(home).as_posix() for path in home.rglob("*"))


@pytest.fixture
def workshop(tmp_path):
    return Workshop(tmp_path)
