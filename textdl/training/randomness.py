"""Randomness that is an argument: no seed is left behind in a global generator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor


@contextmanager
def seeded(*numbers: int, device: torch.device | None = None) -> Iterator[None]:
    """Within it torch draws from a stream of its own, chosen by ``numbers``, on the CPU and on
    ``device``; afterwards its generators stand where they stood."""
    cuda = [device] if device is not None and device.type == "cuda" else []
    with torch.random.fork_rng(devices=cuda):
        torch.manual_seed(int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0]))
        yield


def random_state(device: torch.device) -> dict[str, Tensor]:
    """Where torch's generators stand, on the CPU and on ``device``, uint8."""
    state = {"cpu": torch.get_rng_state()}
    return state if device.type == "cpu" else state | {"cuda": torch.cuda.get_rng_state(device)}


def set_random_state(state: dict[str, Tensor], device: torch.device) -> None:
    """Put them where they stood. What ``state`` lacks goes on as it is."""
    if "cpu" in state:
        torch.set_rng_state(state["cpu"].cpu())
    if "cuda" in state and device.type == "cuda":
        torch.cuda.set_rng_state(state["cuda"].cpu(), device)
