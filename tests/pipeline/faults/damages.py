"""What can happen to the files of a store between two runs."""

from __future__ import annotations

import json
import os
import shutil
import socket

NOISE = b'\x00\xff{"key": [[[['


def truncate(path, chance):
    size = path.stat().st_size
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.truncate(chance.randrange(size) if size else 0)


def flip(path, chance):
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    if content:
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)


def overwrite(path, chance):
    path.chmod(0o644)
    path.write_bytes(NOISE * chance.randint(0, 2))


def delete(path, chance):
    path.unlink()


HARM = (truncate, flip, overwrite, delete)


def some_file(world, chance, pattern):
    files = sorted(path for path in world.home.glob(pattern) if path.is_file())
    return chance.choice(files) if files else None


def harm_files(pattern):
    def harm(world, chance):
        if path := some_file(world, chance, pattern):
            chance.choice(HARM)(path, chance)

    return harm


def harm_checkpoint(world, chance):
    if path := some_file(world, chance, "checkpoints/*/*"):
        chance.choice(HARM)(path, chance)
        world.kept.clear()


def remove_object(world, chance):
    folders = sorted(world.home.glob("objects/[0-9a-f]*"))
    if folders:
        folder = chance.choice(folders)
        shutil.rmtree(folder)
        if chance.random() < 0.3:
            folder.write_bytes(NOISE)


def foreign_in_object(world, chance):
    if path := some_file(world, chance, "objects/[0-9a-f]*/*"):
        path.with_name("foreign").write_bytes(NOISE)


def foreign_files(world, chance):
    for folder, name in (
        ("results", "README"), ("results", "abc.json"), ("locks", "README"), ("runs", "x.json"),
        ("objects", "README"), ("checkpoints", "README"), (".", "README"),
    ):  # fmt: skip
        path = world.home / folder / name
        if path.parent.is_dir() and chance.random() < 0.5:
            path.write_bytes(NOISE)
            world.foreign.add(path)


def another_manifest(world, chance):
    if path := some_file(world, chance, "results/*.json"):
        other = some_file(world, chance, "results/*.json")
        path.write_bytes(other.read_bytes())


def _dead(chance):
    owner = {"host": socket.gethostname(), "pid": 2**22 + 1, "since": 0, "started": "1"}
    if chance.random() < 0.5:
        owner["pid"] = os.getpid()  # a number that was given anew
    return json.dumps(owner)


def dead_locks(world, chance):
    locks = world.home / "locks"
    if not locks.is_dir():
        return
    for nodes in world.references.values():
        for node in nodes.values():
            if chance.random() < 0.2:
                (locks / f"{node['key']}.lock").touch()
            if chance.random() < 0.2:
                content = chance.choice([_dead(chance), "", "{", "null", "[]", '{"host": 1}'])
                (locks / f"{node['key']}.json").write_text(content)


def dead_runs(world, chance):
    if (world.home / "running").is_dir():
        (world.home / "running/toy-19990101-000000-abcd.json").write_text(_dead(chance))
        (world.home / "gc.json").write_text(_dead(chance))
        (world.home / "gc.lock").touch()


def half_an_object(world, chance):
    nodes = chance.choice(list(world.references.values()))
    key = chance.choice(list(nodes.values()))["key"]
    if (world.home / "objects").is_dir():
        for name in (f".{key}", f".damaged-{key}-1"):
            (world.home / "objects" / name).mkdir(exist_ok=True)
            (world.home / "objects" / name / "file").write_bytes(NOISE)


DAMAGES = (
    harm_files("objects/[0-9a-f]*/*"), harm_files("objects/[0-9a-f]*/*"),
    harm_files("objects/[0-9a-f]*/**/*"), harm_files("results/*.json"),
    harm_files("results/*.json"), harm_files("digests.json"), harm_files("digests.json"),
    harm_files("runs/*.json"), harm_checkpoint, remove_object, foreign_in_object, foreign_files,
    another_manifest, dead_locks, dead_runs, half_an_object,
)  # fmt: skip
