"""Checkpoints: where a training run stands after an epoch, so that a killed one can go on."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn, optim

from textdl.errors import InputError
from textdl.progress import Progress
from textdl.tensors import Tensors, open_tensors, save_tensors
from textdl.training.history import History

Weights = dict[str, Tensor]


def trained_weights(network: nn.Module) -> Weights:
    """Copies of all that training changes: the network's state without its frozen parameters."""
    frozen = {name for name, p in network.named_parameters() if not p.requires_grad}
    state = network.state_dict()
    return {name: value.detach().clone() for name, value in state.items() if name not in frozen}


@dataclass
class State:
    """Where a run stands: the history so far, and the weights after the best of its epochs."""

    history: History
    best: Weights


class Checkpoints:
    """One file, replaced after every epoch in a single step, so that a kill at any moment leaves
    the old one or the new one.

    There is no random state in it: an epoch draws from a stream chosen by seed and epoch.

    Args:
        folder: where the file lies; ``None`` keeps nothing.
        run: names the run that the checkpoints belong to.
    """

    def __init__(self, folder: Path | None, run: str) -> None:
        self.path = folder and folder / "checkpoint.safetensors"
        self.run = run

    def save(self, network: nn.Module, optimizers: list[optim.Optimizer], state: State) -> None:
        if self.path is None:
            return
        tensors = _arrays("weights", trained_weights(network))
        if state.history.best < len(state.history) - 1:
            tensors |= _arrays("best", state.best)
        steps = {}
        for i, optimizer in enumerate(optimizers):
            for j, values in optimizer.state_dict()["state"].items():
                moments = {name: value for name, value in values.items() if name != "step"}
                tensors |= _arrays(f"optimizer.{i}.{j}", moments)
                steps[f"{i}.{j}"] = int(values["step"])
        description = {
            "run": self.run,
            "history": state.history.to_json(),
            "steps": steps,
            "checksum": _checksum(tensors),
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        save_tensors(self.path, tensors, {"checkpoint": json.dumps(description)})

    def restore(
        self, network: nn.Module, optimizers: list[optim.Optimizer], progress: Progress
    ) -> State | None:
        """Put network and optimizers where the last checkpoint of this run left them; ``None``
        if there is none. A damaged one is ignored, with a note.

        Raises:
            InputError: the checkpoint belongs to another run.
        """
        if self.path is None or not self.path.is_file():
            return None
        try:
            tensors, metadata = open_tensors(self.path)
            description = json.loads(metadata["checkpoint"])
            run, steps = description["run"], description["steps"]
            history = History.from_json(description["history"])
            if description["checksum"] != _checksum(tensors):
                raise ValueError("its checksum is wrong")
        except (InputError, KeyError, TypeError, ValueError) as error:
            progress.note(f"ignoring a damaged checkpoint, starting anew: {self.path}: {error}")
            return None
        if run != self.run:
            raise InputError(
                f"{self.path}: written by a training with other settings or on other data. Give "
                "checkpoints another folder, or remove the file to begin anew"
            )
        weights = _tensors("weights", tensors)
        network.load_state_dict(network.state_dict() | weights)
        for i, optimizer in enumerate(optimizers):
            groups = optimizer.state_dict()["param_groups"]
            values = {
                j: {"step": steps[f"{i}.{j}"], **_tensors(f"optimizer.{i}.{j}", tensors)}
                for group in groups
                for j in group["params"]
                if f"{i}.{j}" in steps
            }
            optimizer.load_state_dict({"state": values, "param_groups": groups})
        return State(history, _tensors("best", tensors) or weights)


def digest(*parts: Any) -> str:
    """A checksum over arrays, tensors and JSON."""
    total = hashlib.blake2b(digest_size=16)
    for part in parts:
        if isinstance(part, Tensor):
            part = part.detach().cpu().numpy()
        if isinstance(part, np.ndarray):
            total.update(f"{part.dtype}{part.shape}".encode())
            total.update(np.ascontiguousarray(part).data)
        else:
            total.update(json.dumps(part, sort_keys=True).encode())
    return total.hexdigest()


def _arrays(prefix: str, values: Weights) -> Tensors:
    return {f"{prefix}.{name}": value.cpu().numpy() for name, value in values.items()}


def _tensors(prefix: str, tensors: Tensors) -> Weights:
    return {
        name.removeprefix(f"{prefix}."): torch.from_numpy(np.array(array))
        for name, array in tensors.items()
        if name.startswith(f"{prefix}.")
    }


def _checksum(tensors: Tensors) -> int:
    total = 0
    for name in sorted(tensors):
        total = zlib.crc32(
            np.ascontiguousarray(tensors[name]).data, zlib.crc32(name.encode(), total)
        )
    return total
