"""The training loop."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from textdl.errors import InputError
from textdl.progress import Progress, Silent
from textdl.training.batches import Batches
from textdl.training.checkpoints import Checkpoints, State, digest, trained_weights
from textdl.training.devices import Device, choose_device
from textdl.training.history import Epoch, History
from textdl.training.optimizers import adam
from textdl.training.randomness import seeded
from textdl.training.stopping import finished


def fit(
    network: nn.Module,
    training: Batches,
    validation: Batches,
    *,
    epochs: int,
    lr: float,
    patience: int,
    seed: int,
    checkpoints: Path | None = None,
    device: Device = "auto",
    progress: Progress | None = None,
) -> History:
    """Train a classifier with Adam on cross-entropy, and leave it with the weights of its best
    epoch.

    The same arguments give the same bytes on the same CPU with the same number of threads, also
    if the run is killed and started again with the same ``checkpoints``.

    Args:
        network: called with ids, int64 ``[batch, longest]``, and lengths, int64 ``[batch]``; gives
            logits ``[batch, classes]``.
        epochs: passes through ``training``, at most.
        lr: Adam's step size.
        patience: stop after so many epochs without a higher accuracy on ``validation``.
        seed: decides the order of the batches and what dropout drops.
        checkpoints: a folder for the state after each epoch.

    Raises:
        InputError: the loss is no longer finite. The checkpoint of the epoch before stays.
    """
    progress = progress or Silent()
    place = choose_device(device)
    network.to(place)
    optimizers = adam(network, lr)
    run = ""
    if checkpoints:
        settings = {"lr": lr, "batch_size": training.batch_size, "seed": seed}
        contents = (*training.content(), *validation.content())
        run = digest(settings, repr(network), *network.state_dict().values(), *contents)
    store = Checkpoints(checkpoints, run)
    state = store.restore(network, optimizers, progress)
    if state:
        done = len(state.history)
        progress.note(f"resuming from the checkpoint after epoch {done} of {epochs}")
    else:
        state = State(History(), trained_weights(network))

    while not finished(state.history, epochs=epochs, patience=patience):
        epoch = len(state.history)
        tally = Tally()
        with seeded(seed, epoch, device=place):
            network.train()
            for batch in training.shuffled(seed, epoch):
                batch = batch.to(place)
                logits = network(batch.ids, batch.lengths)
                loss = functional.cross_entropy(logits, batch.labels)
                tally.add(loss.item(), logits, batch.labels)
                _check(tally.loss, f"in epoch {epoch + 1}, example {tally.seen:,}", lr)
                network.zero_grad()
                torch.autograd.backward(loss)
                for optimizer in optimizers:
                    optimizer.step()
                progress.update(
                    epoch * len(training) + tally.seen,
                    epochs * len(training),
                    "examples",
                    loss=tally.loss,
                    accuracy=tally.accuracy,
                )
        held_out = validate(network, validation)
        _check(held_out.loss, f"on validation after epoch {epoch + 1}", lr)
        state.history.append(Epoch(tally.loss, tally.accuracy, held_out.loss, held_out.accuracy))
        if state.history.best == epoch:
            state.best = trained_weights(network)
        store.save(network, optimizers, state)
        progress.note(
            f"epoch {epoch + 1} of {epochs}: loss {tally.loss:.4f}, validation loss "
            f"{held_out.loss:.4f}, validation accuracy {held_out.accuracy:.4f}"
        )
        if len(held_out.predicted) == 1:
            progress.note(
                f"after epoch {epoch + 1} every validation document is predicted as class "
                f"{held_out.predicted.pop()}: the network has learnt nothing yet; try another lr"
            )

    network.load_state_dict(network.state_dict() | state.best)
    return state.history


@torch.inference_mode()
def validate(network: nn.Module, batches: Batches) -> Tally:
    """How good a network is, without dropout."""
    place = next(network.parameters()).device
    network.eval()
    tally = Tally()
    for batch in batches.in_order():
        batch = batch.to(place)
        logits = network(batch.ids, batch.lengths)
        tally.add(functional.cross_entropy(logits, batch.labels).item(), logits, batch.labels)
    return tally


@dataclass
class Tally:
    """What has been seen so far, and how it was classified."""

    seen: int = 0
    loss_sum: float = 0.0
    correct: int = 0
    predicted: set[int] = field(default_factory=set)

    def add(self, loss: float, logits: Tensor, labels: Tensor) -> None:
        best = logits.argmax(1)
        self.seen += len(labels)
        self.loss_sum += loss * len(labels)
        self.correct += int((best == labels).sum())
        self.predicted |= set(best.tolist())

    @property
    def loss(self) -> float:
        """The mean over the examples, in nats."""
        return self.loss_sum / max(self.seen, 1)

    @property
    def accuracy(self) -> float:
        return self.correct / max(self.seen, 1)


def _check(loss: float, when: str, lr: float) -> None:
    if not math.isfinite(loss):
        raise InputError(f"the loss became {loss} {when}: lower lr (it is {lr:g})")
