"""Compiled kernels are kept apart for each state of their source: Numba's own cache does not notice
when a module that a kernel imports has changed. And tests that run side by side get one thread each
for their matrix products, whose threads would only wait for each other."""

import hashlib
import os
import tempfile
from pathlib import Path

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:
    for _library in ("OMP", "OPENBLAS"):
        os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

_kernels = sorted((Path(__file__).parents[1] / "textdl").glob("*/kernels/*.py"))
_digest = hashlib.sha256(b"".join(path.read_bytes() for path in _kernels)).hexdigest()[:16]
os.environ["NUMBA_CACHE_DIR"] = str(Path(tempfile.gettempdir()) / f"textdl-kernels-{_digest}")


@pytest.fixture
def one_thread():
    """Networks as small as those of the documentation are slower with more."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
