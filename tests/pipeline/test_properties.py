"""The runner against a naive one that always recomputes, and against an oracle that knows what must
be computed: random pipelines, edits, and damages."""

import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pipeline.toy import Text

from textdl.pipeline import read_pipeline, record, run_pipeline, stage

CALLS = []
CONTENTS = ("", "ab", "ba", "abc")
DAMAGES = ("append", "flip", "more", "gone")
FILES = ("one.txt", "two.txt")


def called(*identity):
    CALLS.append(identity)


@stage(version=1)
def leaf(*, path: Path, times: int = 1) -> Text:
    content = Path(path).read_text()
    called("leaf", Path(path).name, content, times)
    return Text(content * times)


@stage(version=1)
def cut(text: Text, *, keep: int = 1) -> Text:
    called("cut", text.content, keep)
    return Text(text.content[:keep])


@stage(version=1)
def both(first: Text, second: Text | None = None, *, times: int = 1) -> Text:
    called("both", first.content, second and second.content, times)
    return Text((first.content + (second.content if second else "-")) * times)


@stage(version=1)
def many(texts: dict[str, Text], *, times: int = 1) -> Text:
    called("many", [(name, text.content) for name, text in texts.items()], times)
    return Text(",".join(text.content for text in texts.values()) * times)


STAGES = {s.name: s for s in (leaf, cut, both, many)}
SETTING = {"leaf": "times", "cut": "keep", "both": "times", "many": "times"}


def find_stage(name):
    if name not in STAGES:
        raise LookupError(list(STAGES))
    return STAGES[name]


@st.composite
def pipelines(draw):
    """The tables of a pipeline of one to six stages, some of them over a list."""
    tables = {}
    for i in range(draw(st.integers(1, 6))):
        before = st.sampled_from(sorted(tables)) if tables else st.nothing()
        uses = draw(st.sampled_from(sorted(STAGES) if tables else ["leaf"]))
        table = {"uses": uses}
        if uses == "leaf":
            table["path"] = draw(st.sampled_from(FILES))
        elif uses == "cut":
            table["inputs"] = {"text": draw(before)}
        elif uses == "both":
            table["inputs"] = {"first": draw(before)}
            if draw(st.booleans()):
                table["inputs"]["second"] = draw(before)
        else:
            table["inputs"] = {"texts": draw(st.lists(before, min_size=1, max_size=3, unique=True))}
        if draw(st.integers(0, 4)) == 0:
            table["matrix"] = {SETTING[uses]: [1, 2]}
        tables[f"s{i}"] = table
    return tables


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.integers(0, 5), st.integers(1, 3)),
        st.tuples(st.just("write"), st.sampled_from(FILES), st.sampled_from(CONTENTS)),
        st.tuples(st.just("force"), st.integers(0, 5)),
        st.tuples(st.just("damage"), st.integers(0, 99), st.sampled_from(DAMAGES)),
        st.tuples(st.just("remove"), st.integers(0, 99)),
        st.tuples(st.just("move")),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


@dataclass
class Oracle:
    """What a runner that makes no mistakes knows: of each key its result, of each result whether it
    is intact."""

    results: dict
    intact: dict

    def run(self, pipeline, folder, forced):
        """The results, always computed, and what had to be."""
        contents, needed = {}, []
        for node in pipeline.nodes:
            inputs = {}
            for parameter, wire in node.inputs.items():
                if isinstance(wire, str):
                    inputs[parameter] = Text(contents[wire])
                else:
                    inputs[parameter] = {source: Text(contents[source]) for source in wire}
            given = dict(node.settings)
            if "path" in given:
                given["path"] = folder / Path(given["path"]).name
            CALLS.clear()
            contents[node.name] = content = node.stage.function(**inputs, **given).content
            key = repr(CALLS[0])
            if node.table in forced or not self.intact.get(self.results.get(key)):
                needed.append(CALLS[0])
                self.results[key] = content
                self.intact[content] = True
        return contents, needed


class Bench:
    """A pipeline in a folder, and what happens to it."""

    def __init__(self, folder, tables):
        self.folder, self.tables = folder, tables
        self.home = folder / "home"
        self.oracle = Oracle({}, {})
        self.keys, self.digests = {}, {}
        for name in FILES:
            (folder / name).write_text("abc")
        for table in tables.values():
            if "path" in table:
                table["path"] = str(folder / table["path"])

    def do(self, action, *about):
        forced = getattr(self, f"do_{action}")(*about) or ()
        self.run(forced)

    def do_set(self, at, value):
        table = self.tables[sorted(self.tables)[at % len(self.tables)]]
        if "matrix" not in table:
            table[SETTING[table["uses"]]] = value

    def do_write(self, name, content):
        (self.folder / name).write_text(content)

    def do_force(self, at):
        return [sorted(self.tables)[at % len(self.tables)]]

    def do_damage(self, at, how):
        objects = sorted(self.home.glob("objects/*"))
        if not objects:
            return
        folder = objects[at % len(objects)]
        file = folder / "text"
        self.oracle.intact[self.digests[folder.name]] = False
        if how == "gone":
            shutil.rmtree(folder)
        elif how == "more":
            (folder / "more").touch()
        else:
            file.chmod(0o644)
            content = file.read_bytes()
            time.sleep(0.02)  # a tick of the file system's clock
            flipped = bytes(byte ^ 1 for byte in content)
            file.write_bytes(flipped if how == "flip" and content else content + b"x")

    def do_remove(self, at):
        manifests = sorted(self.home.glob("results/*"))
        if manifests:
            path = manifests[at % len(manifests)]
            path.unlink()
            del self.oracle.results[self.keys[path.stem]]

    def do_move(self):
        """The store and the inputs are elsewhere from now on."""
        moved = self.folder.rename(self.folder.with_name(f"{self.folder.name}-moved"))
        for table in self.tables.values():
            if "path" in table:
                table["path"] = str(moved / Path(table["path"]).name)
        self.folder, self.home = moved, moved / "home"

    def run(self, forced=()):
        file = self.folder / "toy.toml"
        file.write_text(tomli_w.dumps(self.tables))
        pipeline = read_pipeline(file, find_stage)
        expected, needed = self.oracle.run(pipeline, self.folder, forced)
        for force, computed in ((forced, needed), ((), [])):
            CALLS.clear()
            places = {"home": self.home, "runs": self.folder / "runs"}
            run = run_pipeline(pipeline, **places, force=force)
            assert computed == CALLS
            assert {name: run[name].content for name in run} == expected
        keys = {repr(call): None for call in needed}
        for node in pipeline.nodes:
            entry = run.stages[node.name]
            self.digests[entry["digest"]] = expected[node.name]
            self.keys[entry["key"]] = self.identity(node, expected)
        assert keys.keys() <= set(self.keys.values())

    def identity(self, node, contents):
        CALLS.clear()
        inputs = {
            parameter: Text(contents[wire])
            if isinstance(wire, str)
            else {source: Text(contents[source]) for source in wire}
            for parameter, wire in node.inputs.items()
        }
        node.stage.function(**inputs, **node.settings)
        return repr(CALLS.pop())


@pytest.fixture(autouse=True)
def _no_disk(monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    monkeypatch.setattr(record, "git_state", lambda folder: None)


@given(pipelines(), ACTIONS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_same_results_as_a_naive_runner_and_no_more_work_than_an_oracle(tables, actions):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "work"
        folder.mkdir()
        bench = Bench(folder, tables)
        bench.run()
        for action in actions:
            bench.do(*action)
