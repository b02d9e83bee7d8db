"""Disturb a pipeline in random ways, and see whether it ever loses, damages or forgets anything.

``python tests/pipeline/faults/run.py --runs 500``; with ``--every``, a kill at every single step.
"""

from __future__ import annotations

import argparse
import collections
import errno
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from pipeline.faults import victim
from pipeline.faults.damages import DAMAGES
from pipeline.faults.world import VARIANTS, World, reference

from textdl.pipeline import Store
from textdl.pipeline.upkeep import collect

NOBODY = 65534


def kill_at_a_step(world, chance):
    variant = pick(world, chance)
    at = chance.randint(1, STEPS)
    disturbed(world, variant, {"kind": "kill", "at": at})


def kill_at_a_moment(world, chance):
    variant = pick(world, chance)
    signalled(world, chance, variant, [signal.SIGKILL])


def stop(world, chance):
    variant = pick(world, chance)
    number = chance.choice([signal.SIGINT, signal.SIGTERM])
    code = signalled(world, chance, variant, [number] * chance.choice([1, 1, 2]))
    if code not in (0, 128 + number, -number):
        world.wrong["failed"].append(f"after signal {number} it ended with {code}")


def error(world, chance):
    number = chance.choice([errno.EIO, errno.EIO, errno.ENOSPC, errno.EDQUOT])
    fault = {"kind": "error", "at": chance.randint(1, STEPS // 2), "errno": number}
    disturbed(world, pick(world, chance), fault)


def full(world, chance):
    fault = {"kind": "full", "bytes": chance.randint(1, 400_000)}
    disturbed(world, pick(world, chance), fault)


def small_disk(world, chance):
    if world.mount(chance.randint(16, 500) * 1024):
        disturbed(world, pick(world, chance), None)
        if chance.random() < 0.5:
            (world.root / "fill").write_bytes(bytes(world.room()))
            collect(Store(world.home), max_size=0, keep_runs=None)
        world.make_room()
    else:
        full(world, chance)


def short_writes(world, chance):
    fault = {"kind": "short", "bytes": chance.choice([1000, 4096, 10_000])}
    code = disturbed(world, pick(world, chance), fault)
    if code:
        world.wrong["failed"].append(f"short writes are no reason to end with {code}")


def together(world, chance):
    """Two or four runs at the same time, of which some are killed."""
    variant = pick(world, chance)
    world.set(variant)
    before = world.names(world.intact())
    faults = [
        chance.choice([None, {"kind": "kill", "at": chance.randint(1, STEPS)}])
        for _ in range(chance.choice([2, 4]))
    ]
    pids = [world.start(variant, fault) for fault in faults]
    codes = world.wait(*pids)
    for fault, code, pid in zip(faults, codes, pids, strict=True):
        if code and fault is None:
            world.wrong["failed"].append(
                f"beside others it ended with {code}: {world.messages(pid)}"
            )
    world.account(before, variant)


def jobs(world, chance):
    """Stages in processes of their own, which are killed, or whose parent is."""
    variant = pick(world, chance)
    world.set(variant)
    before = world.names(world.intact())
    fault = chance.choice([None, {"kind": "kill", "at": chance.randint(1, STEPS // 6)}])
    pids = [world.start(variant, fault, jobs=2) for _ in range(chance.choice([1, 1, 2]))]
    if fault is None:
        time.sleep(chance.uniform(0, 2.5))
        os.kill(pids[0], chance.choice([signal.SIGKILL, signal.SIGTERM]))
    world.wait(*pids)
    world.account(before, variant)


def damage(world, chance):
    """Files in the store that are not what they were."""
    variant = pick(world, chance)
    fault = chance.choice([None, None, {"kind": "kill", "at": chance.randint(1, STEPS)}])
    disturbed(world, variant, fault)
    for _ in range(chance.randint(1, 3)):
        chance.choice(DAMAGES)(world, chance)
    world.overlook_damages()


def read_only(world, chance):
    """A store that may not be written to answers, or says that it can't."""
    variant = pick(world, chance)
    other = chance.choice([other for other in VARIANTS if other is not variant])
    world.set(variant)
    world.wait(world.start(variant))
    world.account(set(), variant)
    world.folder.chmod(0o755)
    for path in (world.runs, world.runs / "toy"):
        path.chmod(0o777)
    for path in (world.runs / "toy").iterdir():
        if path.is_file() and not path.is_symlink():
            path.chmod(0o666)
    before = tree(world.home)
    for wanted, expected in ((variant, (0,)), (other, (0, victim.REFUSED))):
        world.set(wanted)
        (code,) = world.wait(pid := world.start(wanted, user=NOBODY))
        if code not in expected or world.account(set(), wanted):
            world.wrong["failed"].append(f"read-only: {code} {world.messages(pid)}")
    if tree(world.home) != before:
        world.wrong["damaged"].append("a store that may not be written to was")


def tree(folder):
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def force(world, chance):
    """A result that is there is computed again, and that is disturbed."""
    variant = pick(world, chance)
    world.set(variant)
    world.wait(world.start(variant))
    world.account(set(), variant)
    fault = {"kind": "kill", "at": chance.randint(1, STEPS)}
    pid = world.start(variant, fault, force=[chance.choice(["source", "shards", "fold", "gather"])])
    world.wait(pid)
    world.account(world.names(world.intact()), variant, forced=True)


STEPS = 1200
"""About as many steps has a run; measured when the suite starts."""

KINDS = {
    kill_at_a_step: 30, kill_at_a_moment: 10, stop: 6, error: 14, full: 5, small_disk: 4,
    short_writes: 3, together: 12, jobs: 2, damage: 16, read_only: 3, force: 4,
}  # fmt: skip
"""The kinds of faults, with how often they come."""


def pick(world, chance):
    """A state of input and settings, rather that of the last run than another one."""
    if world.variant is None or chance.random() < 0.35:
        return chance.choice(VARIANTS)
    return world.variant


def disturbed(world, variant, fault):
    """A run in which something goes wrong; its exit code."""
    world.set(variant)
    before = world.names(world.intact())
    pid = world.start(variant, fault)
    (code,) = world.wait(pid)
    lied_to = [pid] if fault and fault["kind"] == "error" else []
    world.account(before, variant, excused=lied_to)
    return code


def signalled(world, chance, variant, signals):
    """A run that is sent signals at random moments; its exit code."""
    world.set(variant)
    before = world.names(world.intact())
    pid = world.start(variant)
    for number in signals:
        time.sleep(chance.uniform(0, SECONDS / len(signals)))
        os.kill(pid, number)
    (code,) = world.wait(pid)
    world.account(before, variant)
    return code


SECONDS = 0.1
"""What an undisturbed run takes; measured when the suite starts."""


def one(folder, references, seed, kind=None):
    """One random run: some history, one or more disturbances, and the examination."""
    chance = random.Random(seed)
    world = World(folder, references)
    done = []
    try:
        if chance.random() < 0.4:
            disturbed(world, pick(world, chance), None)
        for _ in range(chance.choice([1, 1, 1, 2, 3])):
            act = kind or chance.choices(list(KINDS), list(KINDS.values()))[0]
            act(world, chance)
            done.append(act.__name__)
            if world.mounted:
                break
        world.finish(pick(world, chance))
        return done, world.wrong
    finally:
        world.remove()


def measure(folder, references):
    """How many steps a run has, and how long it takes."""
    global STEPS, SECONDS
    world = World(folder, references)
    world.set(VARIANTS[0])
    trace = world.folder / "trace"
    world.wait(world.start(VARIANTS[0], {"kind": "count", "file": str(trace)}))
    names = trace.read_text().splitlines()
    world.remove()
    STEPS = len(names)
    world = World(folder, references)
    world.set(VARIANTS[0])
    began = time.monotonic()
    world.wait(world.start(VARIANTS[0]))
    SECONDS = time.monotonic() - began
    world.remove()
    return names


def kill_at_every_step(folder, references, names):
    for at in range(1, len(names) + 1):
        world = World(folder, references)
        disturbed(world, VARIANTS[0], {"kind": "kill", "at": at})
        world.finish(VARIANTS[0])
        yield f"kill {names[at - 1]}", world.wrong
        world.remove()


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0, help="of the first run; the others follow")
    parser.add_argument("--kind", choices=[kind.__name__ for kind in KINDS])
    parser.add_argument("--every", action="store_true", help="kill at every step instead")
    parser.add_argument("--at", type=Path, help="a folder for the stores; default: in memory")
    options = parser.parse_args(arguments)
    memory = Path("/dev/shm")
    at = options.at or (memory if os.access(memory, os.W_OK) else None)
    kind = next((kind for kind in KINDS if kind.__name__ == options.kind), None)
    kinds, wrong = collections.Counter(), collections.Counter()
    number = bad = 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=at) as name:
        folder = Path(name)
        folder.chmod(0o755)
        references = reference(folder)
        names = measure(folder / "measure", references)
        print(f"an undisturbed run: {len(names)} steps, {SECONDS:.3f} s", flush=True)
        if options.every:
            runs = ((w, [k], f) for w, (k, f) in enumerate(
                kill_at_every_step(folder / "world", references, names), 1))  # fmt: skip
        else:
            seeds = range(options.seed, options.seed + options.runs)
            runs = ((s, *one(folder / "world", references, s, kind)) for s in seeds)
        for seed, done, found in runs:
            number += 1
            kinds.update(done)
            if number % 100 == 0:
                print(f"{number} runs in {time.monotonic() - began:.0f} s", flush=True)
            problems = {what: cases for what, cases in found.items() if cases}
            bad += bool(problems)
            for what, cases in problems.items():
                wrong[what] += len(cases)
                print(f"run {seed} ({', '.join(done)}): {what}: {'; '.join(cases)}", flush=True)
    seconds = time.monotonic() - began
    for name, count in kinds.most_common():
        print(f"{count:6} {name.replace('_', ' ')}")
    for what in ("lost", "damaged", "stale", "twice", "failed"):
        print(f"{what}: {wrong[what]}")
    print(f"{number} runs, {bad} of them with a problem, {seconds:.0f} s")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
