"""A process whose file operations fail, or kill it, at a chosen one. The runner has no hooks for
it: functions of ``os``, ``io`` and ``fcntl`` are wrapped, for paths below one folder.

What can be chosen, as a dict:

``{"kind": "kill", "at": N}``
    SIGKILL at the N-th step. A step is the moment before an operation, after it, or amid a write.
``{"kind": "error", "at": N, "errno": E}``
    The N-th operation fails, once.
``{"kind": "full", "bytes": N}``
    There is space for so many bytes; then everything fails that needs some.
``{"kind": "short", "bytes": N}``
    A write writes so many bytes at most.
``{"kind": "count", "file": PATH}``
    Nothing happens; the names of all steps are written to a file.
"""

from __future__ import annotations

import builtins
import errno
import fcntl
import io
import os
import signal
import threading
from types import SimpleNamespace

OPERATIONS = (
    "fsync", "open", "rename", "replace", "link", "symlink", "unlink", "rmdir", "mkdir", "chmod",
    "utime",
)  # fmt: skip
NEED_SPACE = {"write", "create", "mkdir", "link", "symlink"}

REAL = SimpleNamespace(
    file=builtins.open,
    flock=fcntl.flock,
    write=os.write,
    close=os.close,
    **{name: getattr(os, name) for name in OPERATIONS},
)


class Injection:
    """What goes wrong in this process."""

    def __init__(self, fault, root):
        self.kind, self.at = fault["kind"], fault.get("at", 0)
        self.errno = fault.get("errno", errno.EIO)
        self.room = fault.get("bytes", 0)
        self.trace = fault.get("file")
        self.root = str(root)
        self.seen = 0
        self.lock = threading.RLock()

    def concerns(self, path):
        if isinstance(path, int):
            return True
        return isinstance(path, str | os.PathLike) and (
            os.fspath(path).startswith(self.root) or os.fspath(path)[:1] != "/"
        )

    def due(self, name):
        """Count a step; whether it is the last one."""
        if self.trace:
            handle = REAL.open(self.trace, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            REAL.write(handle, f"{name}\n".encode())
            REAL.close(handle)
        if self.kind != "kill":
            return False
        with self.lock:
            self.seen += 1
            return self.seen == self.at

    def step(self, name):
        if self.due(name):
            os.kill(os.getpid(), signal.SIGKILL)

    def fail(self, name, path, length=0):
        """Raise if this operation is to fail."""
        with self.lock:
            if self.kind == "error":
                self.seen += 1
                if self.seen == self.at:
                    raise OSError(self.errno, os.strerror(self.errno), str(path))
            if self.kind == "full" and name in NEED_SPACE:
                self.room -= length or 1
                if self.room <= 0:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    def around(self, name, function):
        """The operation, with what may happen before and after it."""

        def operation(path, *args, **kwargs):
            if not self.concerns(path):
                return function(path, *args, **kwargs)
            self.step(f"before {name}")
            creates = name == "open" and args and args[0] & os.O_CREAT
            self.fail("create" if creates else name, path)
            result = function(path, *args, **kwargs)
            self.step(f"after {name}")
            return result

        return operation


class _File(io.FileIO):
    """A file without a buffer, as the kernel has it."""

    injection: Injection

    def write(self, data):
        data, injection = memoryview(data).cast("B"), self.injection
        injection.step("before write")
        injection.fail("write", self.name, len(data))
        if injection.due("mid-write"):
            super().write(data[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        if injection.kind == "short":
            data = data[: injection.room]
        written = super().write(data)
        injection.step("after write")
        return written

    def readinto(self, buffer):
        self.injection.step("before read")
        self.injection.fail("read", self.name)
        return super().readinto(buffer)

    def readall(self):
        self.injection.step("before read")
        self.injection.fail("read", self.name)
        return super().readall()


def install(fault, root):
    """Let it happen in this process from now on."""
    injection = Injection(fault, root)

    def open_file(
        file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True,
        opener=None,
    ):  # fmt: skip
        if isinstance(file, int) or opener or not buffering or not injection.concerns(file):
            return REAL.file(file, mode, buffering, encoding, errors, newline, closefd, opener)
        writes = set(mode) & set("wax")
        injection.step("before create" if writes else "before open")
        injection.fail("create" if writes else "open", file)
        kind = type("File", (_File,), {"injection": injection})
        raw = kind(os.fspath(file), mode.replace("b", "").replace("t", ""))
        buffered = (
            io.BufferedRandom if "+" in mode else io.BufferedWriter if writes else io.BufferedReader
        )(raw)
        injection.step("after create" if writes else "after open")
        if "b" in mode:
            return buffered
        return io.TextIOWrapper(buffered, encoding, errors, newline)

    for name in OPERATIONS:
        setattr(os, name, injection.around(name, getattr(REAL, name)))
    fcntl.flock = injection.around("flock", REAL.flock)
    builtins.open = io.open = open_file
