"""Engines: what a step runs on, from one CPU to several processes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn, optim

from textdl.errors import InputError
from textdl.training.batches import Batch
from textdl.training.devices import Device, choose_device
from textdl.training.recipe import Precision, Recipe


def choose_engine(device: Device, recipe: Recipe) -> Engine:
    """One process, or, if ``torchrun`` has started several, this one of them.

    Raises:
        InputError: CUDA is asked for where there is none, or there are several processes and
            accelerate is not installed, or layers shall be unfrozen gradually.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return Engine(choose_device(device), recipe.precision)
    try:
        accelerate = import_module("accelerate")
    except ImportError as error:
        raise InputError(
            "training in several processes needs accelerate: pip install accelerate, or start one "
            "process only"
        ) from error
    if recipe.unfreeze == "gradual":
        raise InputError("unfreeze 'gradual' works in one process only: use 'all'")
    choose_device(device)
    return Processes(accelerate.Accelerator(cpu=device == "cpu"), recipe.precision)


class Engine:
    """One process on one device.

    ``bf16`` and ``fp16`` compute products in half precision and keep weights in float32; with
    ``fp16`` the loss is scaled so that small gradients don't vanish (Micikevicius et al. 2018,
    "Mixed Precision Training").

    Attributes:
        place: the device.
        rank, world: which of how many processes this is.
        stream: what sets its random numbers apart from those of the others.
    """

    rank, world = 0, 1
    stream: tuple[int, ...] = ()

    def __init__(self, place: torch.device, precision: Precision) -> None:
        self.place, self.precision = place, precision
        self._scaler = torch.amp.GradScaler(place.type, enabled=precision == "fp16")

    @contextmanager
    def prepared(self, network: nn.Module) -> Iterator[nn.Module]:
        """What is called in training instead of the network."""
        yield network

    def autocast(self) -> AbstractContextManager[Any]:
        half = torch.float16 if self.precision == "fp16" else torch.bfloat16
        return torch.autocast(self.place.type, half, enabled=self.precision != "float32")

    def backward(self, loss: Tensor, optimizers: list[optim.Optimizer]) -> None:
        """The gradients of a loss."""
        torch.autograd.backward(self._scaler.scale(loss))
        for optimizer in optimizers:
            self._scaler.unscale_(optimizer)

    def step(self, optimizers: list[optim.Optimizer]) -> None:
        """Move what has a gradient, unless one is not finite and a smaller scale may help."""
        for optimizer in optimizers:
            if any(p.grad is not None for g in optimizer.param_groups for p in g["params"]):
                self._scaler.step(optimizer)
        self._scaler.update()

    @property
    def scale(self) -> dict[str, float]:
        """What the loss is scaled by, and how long it has been."""
        return self._scaler.state_dict()

    @scale.setter
    def scale(self, value: dict[str, float]) -> None:
        if value:
            self._scaler.load_state_dict(value)

    def part(self, batch: Batch) -> tuple[Batch, float]:
        """This process' documents of a batch, and what their mean loss counts."""
        return batch, 1.0

    def gather(self, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """Those of all processes, ``[processes, ...]``."""
        return {name: tensor[None] for name, tensor in tensors.items()}

    def agreed(self, value: Any) -> Any:
        """What the first process has."""
        return value


class Processes(Engine):
    """One of several processes, each of which computes a part of every batch: the steps are those
    of one process but for rounding, for what is drawn, and for what each process weighs by its own
    part: classes by ``class_weights``, and the statistics of a batch norm."""

    def __init__(self, accelerator: Any, precision: Precision) -> None:
        super().__init__(accelerator.device, precision)
        self._accelerator = accelerator
        self.rank, self.world = accelerator.process_index, accelerator.num_processes
        self.stream = (self.rank,) if self.rank else ()

    @contextmanager
    def prepared(self, network: nn.Module) -> Iterator[nn.Module]:
        yield self._accelerator.prepare_model(network)
        self._accelerator.free_memory()

    def part(self, batch: Batch) -> tuple[Batch, float]:
        if len(batch.rows) < self.world:
            return batch, 1.0
        part = Batch(*(tensor[self.rank :: self.world] for tensor in batch))
        return part, len(part.rows) * self.world / len(batch.rows)

    def gather(self, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        return {
            name: self._accelerator.gather(tensor[None].to(self.place)).cpu()
            for name, tensor in tensors.items()
        }

    def agreed(self, value: Any) -> Any:
        return import_module("accelerate.utils").broadcast_object_list([value])[0]
