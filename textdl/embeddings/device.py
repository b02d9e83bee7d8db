"""Training through torch, in mini-batches, on a device such as a GPU.

The models are those of the kernels: hidden vectors H meet output rows U, and a pair with the target
t costs |t|·-log σ(sign(t) h·u). All windows of a batch take their step together, from the same
parameters, as matrix products over negative samples that a window shares (Ji et al. 2016,
"Parallelizing Word2Vec in Shared and Distributed Memory").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np

from textdl.embeddings.hogwild import Stretch, Train, train_epochs
from textdl.embeddings.parts import Parts
from textdl.embeddings.sampling import ALWAYS, noise
from textdl.embeddings.state import State
from textdl.embeddings.task import Task
from textdl.errors import InputError

if TYPE_CHECKING:
    import torch
    from torch import Tensor

STRETCH = 1_000_000  # words that are brought to the device at once
BATCH = 4096  # windows at most
LIMIT = 256  # updates of a row in a batch that count in full
MARGIN = 20  # words to read beyond a stretch, for each of a window

Predicts = Literal["from each", "from mean", "around"]
"""Skip-gram as in its kernel, CBOW, and skip-gram as in FastText's kernel."""


def train_on_device(
    task: Task, state: State, predicts: Predicts, parts: Parts | None = None
) -> None:
    """:func:`textdl.embeddings.hogwild.train_epochs` on the task's device.

    Args:
        parts: words are made of those.

    Raises:
        InputError: the device is not there, the objective is hierarchical softmax, or training
            diverged.
    """
    train, fetch = device_trainer(task, state, task.settings["device"], predicts, parts)
    train_epochs(task, state, train, fetch=fetch, workers=1, stretch_words=STRETCH)


def open_device(name: str) -> torch.device:
    """The device of that name.

    Raises:
        InputError: it is not there.
    """
    import torch

    try:
        device = torch.device("cpu" if name == "torch-cpu" else name)
    except RuntimeError:
        raise InputError(f"device: {name!r} is none; use cpu, cuda or cuda:1") from None
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise InputError(f"device: torch finds no {name} here; install torch with CUDA or use cpu")
    return device


def device_trainer(
    task: Task, state: State, name: str, predicts: Predicts, parts: Parts | None = None
) -> tuple[Train, Callable[[], None]]:
    """The function that trains on a stretch, and one that copies the matrices into ``state``,
    which is due before they are saved or read.

    Args:
        parts: words are made of those.

    Raises:
        InputError: the device is not there, or the objective is hierarchical softmax.
    """
    settings = task.settings
    if settings.get("objective") == "hierarchical-softmax":
        raise InputError(f"objective: hierarchical softmax trains on device='cpu', not {name!r}")
    import torch

    device = open_device(name)
    inputs, outputs = (torch.tensor(m, device=device) for m in (state.inputs, state.outputs))
    windows, drawn = task.windows(), noise(task.counts, settings["ns_exponent"])
    keep = torch.tensor(windows.keep.astype(np.int64), device=device)
    weights = torch.tensor(windows.weights, device=device)
    thresholds = torch.tensor(drawn.thresholds.astype(np.int64), device=device)
    aliases = torch.tensor(drawn.aliases.astype(np.int64), device=device)
    part_rows = torch.tensor(parts.rows, device=device).long() if parts else None
    part_offsets = torch.tensor(parts.offsets, device=device) if parts else None
    reach, negative = windows.window, settings["negative"]
    batch = min(BATCH, max(int((task.counts > 0).sum()) // 4, 16))
    steps = torch.tensor([i for i in range(-reach, reach + 1) if i], device=device)
    mean = settings.get("cbow_mean", True)
    normalized = settings.get("normalize_gradient", True)

    def bags(words: Tensor, owners: Tensor) -> tuple[Tensor, Tensor]:
        """The rows of the words, and which hidden vector each belongs to."""
        if part_rows is None or part_offsets is None:
            return words, owners
        begin = part_offsets[words]
        sizes = part_offsets[words + 1] - begin
        first = sizes.cumsum(0) - sizes
        within = torch.arange(int(sizes.sum()), device=device) - first.repeat_interleave(sizes)
        return part_rows[begin.repeat_interleave(sizes) + within], owners.repeat_interleave(sizes)

    def train(stretch: Stretch) -> tuple[float, int]:
        if stretch.start == stretch.stop:
            return 0.0, 0
        random = torch.Generator(device)
        random.manual_seed(int(stretch.stream ^ np.uint64(stretch.start)) & (2**63 - 1))
        low = max(stretch.start - MARGIN * reach, 0)
        high = min(stretch.stop + MARGIN * reach, len(stretch.tokens))
        tokens = torch.tensor(stretch.tokens[low:high], device=device).long()
        places = torch.arange(low, high, device=device)
        first, last = stretch.offsets.searchsorted([low, high])
        offsets = torch.tensor(stretch.offsets[first:last], device=device)
        documents = torch.searchsorted(offsets, places, right=True)
        bits = torch.randint(ALWAYS, tokens.shape, generator=random, device=device)
        kept = bits < keep[tokens]
        tokens, places, documents = tokens[kept], places[kept], documents[kept]
        inside = (places >= stretch.start) & (places < stretch.stop)
        total = torch.zeros((), dtype=torch.float64, device=device)
        pairs = torch.zeros((), dtype=torch.int64, device=device)
        for centers in inside.nonzero()[:, 0].split(batch):
            n = len(centers)
            around = centers[:, None] + steps
            there = (around >= 0) & (around < len(tokens))
            around = around.clamp(0, len(tokens) - 1)
            there &= documents[around] == documents[centers][:, None]
            if windows.shrink:
                width = torch.randint(1, reach + 1, (n, 1), generator=random, device=device)
                there &= steps.abs() <= width
            centers, there, around = (x[there.any(1)] for x in (centers, there, around))
            n = len(centers)
            if not n:
                continue
            words, contexts = tokens[centers], tokens[around]
            slot = torch.randint(len(thresholds), (n, negative), generator=random, device=device)
            bits = torch.randint(ALWAYS, (n, negative), generator=random, device=device)
            samples = torch.where(bits < thresholds[slot], slot, aliases[slot])
            weight, real = weights[words][:, None], there.float()
            if predicts == "around":
                alike = ((samples[:, :, None] == contexts[:, None]) & there[:, None]).sum(2)
                others = real.sum(1, keepdim=True) - alike
                predicted = torch.cat([contexts, samples], 1)
                targets = torch.cat([weight * real, -weight * others], 1)[:, None]
            else:
                others = (samples != words[:, None]).float()
                predicted = torch.cat([words[:, None], samples], 1)
                targets = torch.cat([weight, -weight * others], 1)[:, None]
            rate = stretch.lr - stretch.slope * (places[centers] - stretch.start).clamp(min=0)
            rate = rate.float()[:, None, None]
            if predicts == "from each":
                targets = targets * real[:, :, None]
                loss, up, down = step(inputs[contexts], outputs[predicted], targets, rate)
                add(inputs, contexts[there], up[there])
            else:
                each = torch.arange(n, device=device)
                if predicts == "around":
                    rows, owners = bags(words, each)
                else:
                    rows, owners = bags(contexts[there], each[:, None].expand_as(there)[there])
                share = 1 / torch.bincount(owners, minlength=n).float()[:, None]
                scale = share if mean else torch.ones_like(share)
                hidden = inputs.new_zeros(n, inputs.shape[1]).index_add_(0, owners, inputs[rows])
                loss, up, down = step((hidden * scale)[:, None], outputs[predicted], targets, rate)
                back = up[:, 0] * scale if normalized else up[:, 0]
                add(inputs, rows, back[owners])
            used = (targets != 0).any(1)
            add(outputs, predicted[used], down[used])
            total += loss
            pairs += n if predicts == "from mean" else there.sum()
        return float(total), int(pairs)

    def to_host() -> None:
        state.inputs[:] = inputs.cpu().numpy()
        state.outputs[:] = outputs.cpu().numpy()

    return train, to_host


def step(
    hidden: Tensor, outputs: Tensor, targets: Tensor, rate: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """The loss of a batch, and what the vectors change by.

    Args:
        hidden: ``[n, i, dim]``.
        outputs: ``[n, o, dim]``.
        targets: ``[n, i, o]``, how much a pair counts, negative for noise; 0 for none.
        rate: ``[n, 1, 1]``.

    Returns:
        the summed loss (float64), and the changes of ``hidden`` and ``outputs``.
    """
    from torch.nn.functional import softplus

    signed = targets.sign() * (hidden @ outputs.mT)
    loss = (targets.abs() * softplus(-signed)).double().sum()
    errors = rate * targets * (-signed).sigmoid()
    return loss, errors @ outputs, errors.mT @ hidden


def add(matrix: Tensor, rows: Tensor, changes: Tensor) -> None:
    """Add changes to rows. One that occurs n > ``LIMIT`` times takes ``LIMIT`` / n of their sum:
    they all follow the gradient at the same point, and so many steps at once would overshoot."""
    import torch

    _, place, counts = torch.unique(rows, return_inverse=True, return_counts=True)
    scale = (LIMIT / counts).clamp(max=1)[place]
    matrix.index_add_(0, rows, changes * scale[:, None])
