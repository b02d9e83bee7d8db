"""Compiled kernels are kept apart for each state of their source: Numba's own cache does not notice
when a module that a kernel imports has changed."""

import hashlib
import os
import tempfile
from pathlib import Path

_kernels = sorted((Path(__file__).parents[1] / "textdl").glob("*/kernels/*.py"))
_digest = hashlib.sha256(b"".join(path.read_bytes() for path in _kernels)).hexdigest()[:16]
os.environ["NUMBA_CACHE_DIR"] = str(Path(tempfile.gettempdir()) / f"textdl-kernels-{_digest}")
