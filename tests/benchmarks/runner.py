"""What the runner itself costs, beside DVC and Snakemake: a pipeline whose stages do nothing.

    python tests/benchmarks/runner.py --work FOLDER [--peers FOLDER]

A chain of ``--stages`` stages, each of which writes its number; textdl's are Python functions,
those of the others are ``echo``. ``executed`` is a run of all of them in a new folder, ``cached``
the same command again. Each is a process from the shell, its output not shown. ``start`` is what
the same interpreter needs to do nothing. An overhead per stage is what ``executed`` takes longer
than ``cached``, over the number of stages. All take turns; a figure is the median of
``--repeats``, a ratio the peer's time over ours.

``--peers`` names a folder for a virtual environment of each peer, which are made with pip if they
are not there. Without it, textdl runs alone.

Then a file of ``--megabytes`` is hashed, as the runner hashes a setting that names it, beside a
plain read of it in blocks of 1 MB: after the system was asked to forget the file, so that it comes
from the disk, and again from memory. ``again`` is what a second run does, which remembers.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from textdl.pipeline.store.digests import DigestMemory

PEERS = ("dvc", "snakemake")
BLOCK = 1 << 20

STAGES = """
from textdl.pipeline import stage

@stage
def noop(before: int | None = None, *, n: int) -> int:
    return n
"""


class Tool:
    """One that runs the pipeline in a folder.

    Args:
        python: the interpreter of its environment.
    """

    def __init__(self, python: Path) -> None:
        self.python = python

    def prepare(self, folder: Path, stages: int) -> None:
        raise NotImplementedError

    def command(self) -> list[str]:
        raise NotImplementedError

    def script(self, *arguments: str) -> list[str]:
        """A command of its environment that is named like it."""
        return [str(self.python.parent / type(self).__name__.lower()), *arguments]

    def call(self, command: list[str], folder: Path) -> float:
        """The seconds of a command.

        Raises:
            RuntimeError: it failed; with what it said.
        """
        own = {"TEXTDL_HOME": str(folder / "home"), "DVC_SITE_CACHE_DIR": str(folder / "site")}
        environment = {**os.environ, **own, "DVC_NO_ANALYTICS": "1"}
        # All run from bytecode, as an installation leaves it.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        if self.python != Path(sys.executable):
            environment.pop("PYTHONPATH", None)
        started = time.perf_counter()
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        seconds = time.perf_counter() - started
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stdout[-500:]}{done.stderr[-500:]}")
        return seconds


class Textdl(Tool):
    def prepare(self, folder: Path, stages: int) -> None:
        (folder / "stages.py").write_text(STAGES)
        tables = []
        for n in range(stages):
            wire = f'inputs = {{ before = "s{n - 1}" }}\n' if n else ""
            tables.append(f'[s{n}]\nuses = "stages.py:noop"\n{wire}n = {n}\n')
        (folder / "job.toml").write_text("\n".join(tables))

    def command(self) -> list[str]:
        return [str(self.python), "-m", "textdl", "run", "job.toml"]


class Dvc(Tool):
    def prepare(self, folder: Path, stages: int) -> None:
        lines = ["stages:"]
        for n in range(stages):
            lines += [f"  s{n}:", f"    cmd: echo {n} > s{n}.txt", f"    outs: [s{n}.txt]"]
            lines += [f"    deps: [s{n - 1}.txt]"] if n else []
        (folder / "dvc.yaml").write_text("\n".join(lines))
        self.call(self.script("init", "--no-scm", "-q"), folder)

    def command(self) -> list[str]:
        return self.script("repro", "-q")


class Snakemake(Tool):
    def prepare(self, folder: Path, stages: int) -> None:
        rules = []
        for n in reversed(range(stages)):  # the first one is what is asked for
            wire = f'    input: "s{n - 1}.txt"\n' if n else ""
            rules.append(
                f'rule s{n}:\n{wire}    output: "s{n}.txt"\n    shell: "echo {n} > {{output}}"\n'
            )
        (folder / "Snakefile").write_text("\n".join(rules))

    def command(self) -> list[str]:
        return self.script("--cores", "1", "--quiet", "all")


def installed(folder: Path, name: str) -> Path:
    """The interpreter of a peer's environment, which is made if it is not there."""
    python = folder / name / "bin" / "python"
    if not (folder / name / "bin" / name).exists():
        subprocess.run([sys.executable, "-m", "venv", folder / name], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", name], check=True)
    return python


def version(python: Path, name: str) -> str:
    code = f"from importlib.metadata import version; print(version({name!r}))"
    return subprocess.run(
        [python, "-c", code], check=True, capture_output=True, text=True
    ).stdout.strip()


Times = dict[str, dict[str, list[float]]]


def measure(tools: dict[str, Tool], work: Path, stages: int, repeats: int) -> Times:
    """The seconds of each tool for each of what is measured, by turns."""
    times: Times = {name: {"start": [], "executed": [], "cached": []} for name in tools}
    for _ in range(repeats):
        for name, tool in tools.items():
            folder = work / name
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            tool.prepare(folder, stages)
            times[name]["start"].append(tool.call([str(tool.python), "-c", "pass"], folder))
            for what in ("executed", "cached"):
                times[name][what].append(tool.call(tool.command(), folder))
    return times


def report(times: Times, stages: int) -> None:
    medians = {
        name: {what: statistics.median(found) for what, found in whats.items()}
        for name, whats in times.items()
    }
    figures: dict[str, Callable[[dict[str, float]], float]] = {
        f"{stages} stages, all cached, ms": lambda of: of["cached"],
        "    without the interpreter's start, ms": lambda of: of["cached"] - of["start"],
        f"{stages} stages, all executed, ms": lambda of: of["executed"],
        "    overhead of a stage, ms": lambda of: (of["executed"] - of["cached"]) / stages,
        "    all without the start, over stages, ms": lambda of: (
            (of["executed"] - of["start"]) / stages
        ),
        "the interpreter's start, ms": lambda of: of["start"],
    }
    peers = [name for name in medians if name != "textdl"]
    head = "".join(f"{name:>12}" for name in medians) + "".join(f"{'ratio':>9}" for _ in peers)
    print(f"{'':42}{head}")
    for name, figure in figures.items():
        ours = figure(medians["textdl"])
        row = "".join(f"{1000 * figure(medians[tool]):12,.1f}" for tool in medians)
        row += "".join(f"{figure(medians[peer]) / ours:9.1f}" for peer in peers)
        print(f"{name:42}{row}", flush=True)


def read_plainly(path: Path) -> None:
    with path.open("rb", buffering=0) as file:
        while file.read(BLOCK):
            pass


def forget(path: Path) -> None:
    """Ask the system to keep nothing of a file in memory."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def hash_file(work: Path, megabytes: int, repeats: int) -> None:
    path, memory = work / "file", work / "digests.json"
    block = os.urandom(10**6)
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(block)
    time.sleep(2.1)  # a file that was changed a moment ago is not remembered
    times: dict[str, list[float]] = {}

    def timed(name: str, work: Callable[[], object]) -> None:
        started = time.perf_counter()
        work()
        times.setdefault(name, []).append(time.perf_counter() - started)

    for _ in range(repeats):
        for place in ("from disk", "from memory"):
            for name, do in (
                ("read", lambda: read_plainly(path)),
                ("hashed", lambda: DigestMemory(memory).digest(path)),
            ):
                if place == "from disk":
                    forget(path)
                memory.unlink(missing_ok=True)
                timed(f"{name} {place}", do)
        known = DigestMemory(memory)
        known.digest(path)
        known.save()
        timed("again", lambda: DigestMemory(memory).digest(path))
    path.unlink()
    print(f"\n{f'a file of {megabytes:,} MB':42}{'MB/s':>12}")
    for name, found in times.items():
        seconds = statistics.median(found)
        speed = f"{megabytes / seconds:12,.0f}"
        shown = f"{1000 * seconds:12,.1f} ms" if name == "again" else speed
        print(f"{name:42}{shown}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--stages", type=int, default=50)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=1000)
    options = parser.parse_args()
    work = options.work.resolve()
    tools: dict[str, Tool] = {"textdl": Textdl(Path(sys.executable))}
    for name, kind in zip(PEERS, (Dvc, Snakemake), strict=True):
        if options.peers:
            tools[name] = kind(installed(options.peers.resolve(), name))
    names = ", ".join(f"{name} {version(tool.python, name)}" for name, tool in tools.items())
    print(f"{names}; Python {sys.version.split()[0]}, {os.cpu_count()} cores\n")
    report(measure(tools, work, options.stages, options.repeats), options.stages)
    if options.megabytes:
        hash_file(work, options.megabytes, options.repeats)


if __name__ == "__main__":
    main()
