"""The fault suite in small; ``run.py`` beside it is the whole."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).with_name("run.py")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="it forks")


def suite(*arguments):
    done = subprocess.run(
        [sys.executable, RUN, *arguments], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_random_faults():
    output = suite("--runs", "24", "--seed", "7")
    for what in ("lost", "damaged", "stale", "twice", "failed"):
        assert f"{what}: 0\n" in output
    assert "24 runs, 0 of them with a problem" in output


@pytest.mark.parametrize("kind", ["damage", "read_only"])
def test_faults_of_a_kind(kind):
    assert "2 runs, 0 of them" in suite("--runs", "2", "--kind", kind)
