"""Checkpoints: where a training run stands, so that a killed one can go on."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn, optim

from textdl.errors import InputError
from textdl.progress import Progress
from textdl.tensors import Tensors, open_tensors, save_tensors
from textdl.training.history import Epoch, History
from textdl.training.tally import Tally

Weights = dict[str, Tensor]


def trained_names(network: nn.Module) -> list[str]:
    """What training changes: the network's state without its frozen parameters."""
    frozen = {name for name, p in network.named_parameters() if not p.requires_grad}
    return [name for name in network.state_dict() if name not in frozen]


def copied(network: nn.Module, names: Collection[str]) -> Weights:
    """Copies of a part of the network's state."""
    state = network.state_dict()
    return {name: state[name].detach().clone() for name in names}


@dataclass
class State:
    """Where a run stands.

    Attributes:
        history: the epochs that are done.
        best: the weights after the best of them.
        average: the running average of the weights, if the run keeps one.
        averaged: of how many weights.
        scale: by how much half precision scales the loss.
        batches: how many batches of the next epoch are done.
        documents: how many documents those have.
        tally: what this process has seen of them.
        random: after them, for every process, the state of torch's generators.
    """

    history: History
    best: Weights
    average: Weights = field(default_factory=dict)
    averaged: int = 0
    scale: dict[str, float] = field(default_factory=dict)
    batches: int = 0
    documents: int = 0
    tally: Tally = field(default_factory=Tally)
    random: Weights = field(default_factory=dict)

    def end_epoch(self, epoch: Epoch) -> None:
        self.history.append(epoch)
        self.batches, self.documents, self.tally, self.random = 0, 0, Tally(), {}


class Checkpoints:
    """One file, replaced in a single step, so that a kill at any moment leaves the old one or the
    new one.

    There is no random state in one that is written after an epoch: each draws from a stream
    chosen by seed and epoch.

    Args:
        folder: where the file lies; ``None`` keeps nothing.
        run: names the run that the checkpoints belong to.
        names: what training changes of the network's state.
    """

    def __init__(self, folder: Path | None, run: str, names: Collection[str]) -> None:
        if folder is not None and folder.exists() and not folder.is_dir():
            raise InputError(f"checkpoints: {folder} is a file: name a folder")
        self.path = folder and folder / "checkpoint.safetensors"
        self.run = run
        self.names = names

    def save(self, network: nn.Module, optimizers: list[optim.Optimizer], state: State) -> None:
        if self.path is None:
            return
        tensors = _arrays("weights", copied(network, self.names))
        last = state.history.best == len(state.history) - 1 if state.history else False
        if not last or state.batches or state.average:
            tensors |= _arrays("best", state.best)
        tensors |= _arrays("average", state.average) | _arrays("random", state.random)
        steps = {}
        for i, optimizer in enumerate(optimizers):
            for j, values in optimizer.state_dict()["state"].items():
                known = {name: value for name, value in values.items() if value is not None}
                steps[f"{i}.{j}"] = int(known.pop("step", 0))
                tensors |= _arrays(f"optimizer.{i}.{j}", known)
        description = {
            "run": self.run,
            "history": state.history.to_json(),
            "steps": steps,
            "averaged": state.averaged,
            "scale": state.scale,
            "batches": state.batches,
            "documents": state.documents,
            "tally": asdict(state.tally),
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
            if description["checksum"] != _checksum(tensors):
                raise ValueError("its checksum is wrong")
            weights = _tensors("weights", tensors)
            state = State(
                History.from_json(description["history"]),
                _tensors("best", tensors) or weights,
                _tensors("average", tensors),
                description["averaged"],
                description["scale"],
                description["batches"],
                description["documents"],
                Tally(**description["tally"]),
                _tensors("random", tensors),
            )
        except (InputError, KeyError, TypeError, ValueError) as error:
            progress.note(f"ignoring a damaged checkpoint, starting anew: {self.path}: {error}")
            return None
        if run != self.run:
            raise InputError(
                f"{self.path}: written by a training with other settings or on other data. Give "
                "checkpoints another folder, or remove the file to begin anew"
            )
        network.load_state_dict(network.state_dict() | weights)
        place = next(network.parameters()).device
        for name, value in state.average.items():
            state.average[name] = value.to(place)
        for i, optimizer in enumerate(optimizers):
            groups = optimizer.state_dict()["param_groups"]
            values = {
                j: {"step": steps[f"{i}.{j}"], **_tensors(f"optimizer.{i}.{j}", tensors)}
                for group in groups
                for j in group["params"]
                if f"{i}.{j}" in steps
            }
            optimizer.load_state_dict({"state": values, "param_groups": groups})
        return state


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
