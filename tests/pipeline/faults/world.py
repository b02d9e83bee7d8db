"""A folder with the pipeline and its store, what is done to it, and what must be true then."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

from pipeline.faults import stages, victim

from textdl.pipeline import Store, make_planner, read_pipeline
from textdl.pipeline.store import locks
from textdl.pipeline.store.digests import digest_file, digest_text, digest_tree
from textdl.pipeline.store.files import walk

TEXTS = {"A": "An example. ", "a": "an EXAMPLE. ", "B": "Another one, and longer. "}
HANGS = 60.0
"""Seconds after which a process that has not ended will not."""


class Variant:
    """One state of the input and the settings."""

    def __init__(self, text, count, rounds):
        self.text, self.settings = text, {"shards.count": count, "fold.rounds": rounds}
        self.name = f"{text}{count}{rounds}"


VARIANTS = [Variant(t, c, r) for t in TEXTS for c, r in ((3, 4), (2, 4), (3, 6))]


class World:
    """Attributes: ``lost``, ``damaged``, ``stale``, ``twice``: what was found wrong so far."""

    def __init__(self, folder, references=None):
        self.folder = Path(folder)
        self.root = self.folder / "root"
        self.home, self.runs = self.root / "home", self.root / "runs"
        self.file, self.source = self.folder / "toy.toml", self.folder / "source.txt"
        self.log = self.folder / "log"
        self.root.mkdir(parents=True)
        for path in (self.log, self.folder / "messages"):
            path.touch()
            path.chmod(0o666)
        self.file.write_text(stages.PIPELINE.replace("SOURCE", str(self.source)))
        self.references = references
        self.variant = None
        self.wrong = {"lost": [], "damaged": [], "stale": [], "twice": [], "failed": []}
        self.read = 0
        self.kept = {}
        self.foreign = set()
        self.mounted = False

    # What is done.

    def set(self, variant):
        """Change the input; its file is written in place, like an editor does."""
        self.variant = variant
        if not self.source.exists() or self.source.read_text() != TEXTS[variant.text]:
            self.source.write_text(TEXTS[variant.text])

    def start(self, variant, fault=None, **options):
        return victim.start(self, variant.settings, fault, **options)

    def wait(self, *pids):
        """Their exit codes; negative: killed by this signal."""
        codes, until = [], time.monotonic() + HANGS
        for pid in pids:
            while True:
                ended, status = os.waitpid(pid, os.WNOHANG)
                if ended:
                    break
                if time.monotonic() > until:
                    os.kill(pid, 9)
                    os.waitpid(pid, 0)
                    self.wrong["failed"].append(f"process {pid} hangs")
                    status = 9
                    break
                time.sleep(0.0005)
            codes.append(os.waitstatus_to_exitcode(status))
        for line in self._lines(0):
            if line[1] == "born":
                while locks.process_start(int(line[0])) and time.monotonic() < until:
                    time.sleep(0.002)
        for pid, code in zip(pids, codes, strict=True):
            if code == victim.DEFECT:
                self.wrong["failed"].append(self.messages(pid) or "an exception")
        return codes

    def messages(self, pid):
        return (self.folder / "messages").read_text().partition(f"{pid} ")[2]

    def mount(self, size):
        """Have a small disk; False where this may not be done."""
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(self.root)]
        done = subprocess.run(command, capture_output=True, check=False)
        self.mounted = done.returncode == 0
        if self.mounted:
            self.kept.clear()  # what was there is below it
        return self.mounted

    def room(self):
        return shutil.disk_usage(self.root).free

    def make_room(self):
        subprocess.run(["mount", "-o", "remount,size=16m", str(self.root)], check=True)

    def remove(self):
        if self.mounted:
            subprocess.run(["umount", str(self.root)], check=True)
        shutil.rmtree(self.folder)

    # What must be true.

    def intact(self):
        """The manifests of all results that are what they were, by key; read without the runner."""
        found = {}
        for path in (self.home / "results").glob("[0-9a-f]*.json"):
            try:
                manifest = json.loads(path.read_text())
                folder = self.home / "objects" / manifest["digest"]
                files = {name: digest_file(file) for name, file in walk(folder)}
            except (OSError, ValueError, KeyError, TypeError):
                continue
            seal = manifest.pop("seal", None)
            if (
                seal == digest_text(json.dumps(manifest, sort_keys=True))
                and manifest["key"] == path.stem
                and files == manifest["files"]
                and digest_tree(files) == manifest["digest"]
            ):
                found[path.stem] = manifest
        return found

    def names(self, manifests):
        """What the logs call these results."""
        known = {
            node["key"]: node["name"]
            for nodes in (self.references or {}).values()
            for node in nodes.values()
        }
        return {known[key] for key in manifests if key in known}

    def _lines(self, start):
        return [line.split(" ", 2) for line in self.log.read_text().splitlines()[start:]]

    def account(self, before, variant, *, excused=(), forced=False):
        """Read what was computed since the last call, and find what need not have been.

        Args:
            before: names of the intact results there were.
            excused: processes that were lied to.
        """
        lines = self._lines(self.read)
        self.read += len(lines)
        have, computed = set(before), []
        for name in before:
            self.kept.pop(name, None)
        for pid, what, *about in lines:
            about = about[0] if about else ""
            if what == "start":
                computed.append(about)
                if about in have and not forced and int(pid) not in excused:
                    self.wrong["twice"].append(f"{self.stage_of(about)} by {pid}")
            elif what == "done":
                name = self.references[variant.name][about]["name"]
                have.add(name)
                self.kept.pop(name, None)
            elif what == "keep":
                name, done = about.split()
                self.kept[name] = int(done)
            elif what == "resume":
                name, done = about.split()
                if int(done) < self.kept.get(name, 0) and int(pid) not in excused:
                    self.wrong["lost"].append(
                        f"{self.stage_of(name)} resumed at {done}, not {self.kept[name]}"
                    )
        return computed

    def stage_of(self, name):
        for nodes in self.references.values():
            for stage, node in nodes.items():
                if node["name"] == name:
                    return stage
        return name

    def finish(self, variant):
        """Then a run succeeds, and another one with nothing to do, and all is as it should be."""
        self.set(variant)
        before = self.names(self.intact())
        self.account(before, variant)
        (code,) = self.wait(pid := self.start(variant))
        if code:
            self.wrong["failed"].append(f"ended with {code}: {self.messages(pid)}")
            return
        self.account(before, variant)
        self.compare(variant)
        (code,) = self.wait(pid := self.start(variant))
        if code or self.account(set(), variant):
            self.wrong["failed"].append(f"not all is cached afterwards ({code})")
        self.look_for_orphans()

    def compare(self, variant):
        """The results are those of an undisturbed run, byte for byte, where the links lead."""
        record = json.loads((self.runs / "toy/run.json").read_text())
        intact = self.intact()
        for stage, node in self.references[variant.name].items():
            entry = record["stages"][stage]
            if entry["key"] != node["key"]:
                self.wrong["stale"].append(f"{stage} has the key of another state")
            elif entry["digest"] != node["digest"] or entry["info"] != node["info"]:
                self.wrong["stale"].append(f"{stage} has another result")
            elif entry["key"] not in intact:
                self.wrong["damaged"].append(f"{stage} is not intact")
            files = {
                n: digest_file(path) for n, path in walk((self.runs / "toy" / stage).resolve())
            }
            if digest_tree(files) != node["digest"]:
                self.wrong["damaged"].append(f"the link to {stage} leads elsewhere")
        if record["outcome"] != "finished":
            self.wrong["failed"].append(f"the record says {record['outcome']}")

    def overlook_damages(self):
        """What is damaged now may stay so as long as nobody needs it."""
        self.foreign |= {
            path
            for path in (*self.home.glob("results/[!.]*"), *self.home.glob("objects/[!.]*"))
            if path.stem not in self.intact() and not self.whole(path)
        }

    def whole(self, path):
        """Whether the files of an object are those that its name says."""
        return path.is_dir() and path.name == digest_tree(
            {name: digest_file(file) for name, file in walk(path)}
        )

    def unfinished(self, key):
        """Whether a result was begun, perhaps once more, and not published since."""
        manifest = self.home / "results" / f"{key}.json"
        begun = (self.home / "checkpoints" / key / "source").stat().st_mtime_ns
        return key not in self.intact() or begun > manifest.stat().st_mtime_ns

    def look_for_orphans(self):
        """Nothing is left of processes that died but whole objects that no result refers to, until
        the store is tidied up."""
        pipeline = read_pipeline(self.file, stages.find_stage)
        make_planner(pipeline, home=self.home, runs=self.runs)  # what only looks, changes nothing
        intact, orphans = self.intact(), []
        used = {manifest["digest"] for manifest in intact.values()}
        for path in (self.home / "objects").iterdir():
            if path.name not in used and not self.whole(path):
                orphans.append(path)
        for folder, allowed in (
            ("results", {f"{key}.json" for key in intact}),
            ("locks", set()),
            ("running", set()),
            ("checkpoints", {path.name for path in self.home.glob("checkpoints/[0-9a-f]*")
                             if self.unfinished(path.name)}),
        ):  # fmt: skip
            orphans += [p for p in (self.home / folder).iterdir() if p.name not in allowed]
        orphans += [p for p in self.home.iterdir() if p.name.startswith(("gc", "."))]
        orphans += [p for p in (self.runs / "toy").iterdir() if p.name.startswith(".")]
        for path in orphans:
            if path not in self.foreign:
                self.wrong["failed"].append(f"left: {path.relative_to(self.root)}")


def reference(folder):
    """Of each variant and stage, in an undisturbed run: key, digest, info, name in the logs."""
    found = {}
    for variant in VARIANTS:
        world = World(folder / variant.name)
        world.set(variant)
        (code,) = world.wait(pid := world.start(variant))
        assert code == 0, world.messages(pid)
        record = json.loads((world.runs / "toy/run.json").read_text())
        names, stage = {}, ""
        for _, what, about in world._lines(0):
            if what == "runs":
                stage = about
            elif what == "start":
                names[stage] = about
        found[variant.name] = {
            stage: {k: entry[k] for k in ("key", "digest", "info")} | {"name": names[stage]}
            for stage, entry in record["stages"].items()
        }
        assert Store(world.home)
        world.remove()
    return found
