"""Where a network computes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from textdl.errors import InputError

if TYPE_CHECKING:
    import torch

Device = Literal["auto", "cpu", "cuda"]


def choose_device(device: Device = "auto") -> torch.device:
    """The device of that name; ``auto`` is the first CUDA device if there is one, else the CPU.

    Raises:
        InputError: CUDA is asked for where torch finds none.
    """
    import torch

    if device == "cpu" or (device == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise InputError("device 'cuda': torch finds no CUDA device here; use 'auto' or 'cpu'")
    return torch.device("cuda", 0)
