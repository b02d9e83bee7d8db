"""Fine-tuning: a network that begins with the weights of another.

In four steps (Zhang et al., "Dive into Deep Learning", section 14.2): train a source model; make a
network of its body with an output layer of its own (``init_from``, ``reset``); train that layer
alone (``freeze=["body"]``); train all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from textdl.classifiers.model import SentimentModel
from textdl.classifiers.networks import Encoder
from textdl.errors import InputError
from textdl.progress import Progress
from textdl.text.corpus import Corpus
from textdl.training.batches import Batches
from textdl.training.checkpoints import digest
from textdl.training.devices import Device, choose_device
from textdl.vectors import Vectors

BODY = "body"

_MEANINGS = {
    "cell": "layers",
    "heads": "blocks",
    "norm": "blocks",
    "positions": "blocks",
    "widths": "filters",
}
"""Settings of networks that weights of the same shape depend on, and the part that has them."""


def table_of(model: SentimentModel) -> Vectors:
    """The word vectors that a model sees.

    Raises:
        InputError: it has none.
    """
    network = model.network
    if not isinstance(network, Encoder):
        raise InputError(
            f"init_from: a {network.kind} has no word vectors to begin with: give a birnn, textcnn "
            "or transformer"
        )
    state = network.state_dict()
    tables = torch.stack([state[name] for name in _tables(state)])
    return Vectors(model.vocab.words, tables.sum(0).cpu().numpy())


def take_over(
    network: Encoder,
    corpus: Corpus,
    source: SentimentModel,
    reset: Sequence[str],
    progress: Progress,
) -> None:
    """Give a network the weights of a source model where they have the same name and shape, as have
    those of the same module: not the output layer if the labels differ, nor what is to begin anew.
    Word vectors go by word, so that the vocabularies may differ.

    Raises:
        InputError: ``reset`` names no part, or no weight fits.
    """
    _check_parts(network, "reset", reset)
    for name, part in _MEANINGS.items():
        one, other = network.settings.get(name), source.network.settings.get(name)
        if network.kind == source.network.kind and one != other and part not in reset:
            raise InputError(
                f"init_from: the source has {name} {other}, and this network {one}: its weights "
                f"would mean something else. Set {name} to {other}, or reset {part}"
            )
    left_out = set(reset)
    several = corpus.labels.ndim == 2
    if (source.label_names, source.several) != (corpus.label_names, several):
        left_out.add("output")
    ours, theirs = network.state_dict(), source.network.state_dict()
    tables = _tables(ours)
    wanted = {name for name in ours.keys() - set(tables) if not _is_in(name, left_out)}
    misfits = {
        _module(name)
        for name in wanted
        if name not in theirs or ours[name].shape != theirs[name].shape
    }
    taken = {name: theirs[name] for name in wanted if _module(name) not in misfits}
    body = {name for name in wanted if not _is_in(name, ["output"])}
    if network.kind != source.network.kind or (body and not body & taken.keys()):
        raise InputError(
            f"init_from: nothing of the {source.network.kind} fits this {network.kind}: both must "
            "be of one kind, with the same sizes"
        )
    if "channels" not in left_out:
        rows = source.vocab.words.find_all(corpus.vocab.words)
        known = torch.from_numpy(np.flatnonzero(rows >= 0))
        its = [theirs[name].cpu() for name in _tables(theirs)]
        if len(its) != len(tables):  # The network sees the sum, which stays what it was.
            its = [torch.stack(its).sum(0) / len(tables)] * len(tables)
        for name, table in zip(tables, its, strict=True):
            if table.shape[1] == ours[name].shape[1]:
                taken[name] = ours[name].clone()
                taken[name][known] = table[torch.from_numpy(rows)[known]]
    network.load_state_dict(ours | taken)
    anew = sorted(ours.keys() - taken.keys())
    progress.note(
        f"{len(taken)} of {len(ours)} tensors are the source's"
        + (f"; these begin anew: {', '.join(anew)}" if anew else "")
    )


def freeze(network: Encoder, parts: Sequence[str]) -> None:
    """Leave parts of a network as they are; ``body`` is everything below the output layer.

    Raises:
        InputError: there is no such part, or nothing is left to train.
    """
    _check_parts(network, "freeze", parts, BODY)
    for name, parameter in network.named_parameters():
        if _is_in(name, parts) or (BODY in parts and not _is_in(name, ["output"])):
            parameter.requires_grad_(False)
    if not any(parameter.requires_grad for parameter in network.parameters()):
        raise InputError(f"freeze: {', '.join(parts)}: nothing is left to train")


def _tables(state: dict[str, Tensor]) -> list[str]:
    """The names of the word vectors."""
    return sorted(name for name in state if name.startswith("channels."))


def _module(name: str) -> str:
    """What a weight belongs to; one of the network itself stands for itself."""
    return name.rpartition(".")[0] or name


def _is_in(name: str, parts: Iterable[str]) -> bool:
    return any(name == part or name.startswith(f"{part}.") for part in parts)


def _check_parts(network: nn.Module, setting: str, given: Iterable[str], *more: str) -> None:
    names = [name for name, _ in network.named_parameters()]
    there = [*dict.fromkeys(name.split(".")[0] for name in names), *more]
    for part in given:
        if part not in more and not any(_is_in(name, [part]) for name in names):
            raise InputError(f"{setting}: no part {part!r}: there are {', '.join(there)}")


class Head(nn.Module):
    """The output layer of a network over features that are computed already.

    Args:
        features: float32 ``[documents, features]``.
    """

    def __init__(self, network: Encoder, features: Tensor) -> None:
        super().__init__()
        self.features: Tensor
        self.register_buffer("features", features, persistent=False)
        self.dropout, self.output = network.dropout, network.output

    def extra_repr(self) -> str:
        """What a checkpoint knows it by."""
        return digest(self.features)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Logits, float32 ``[batch, classes]``, of ids ``[batch, 1]``, which count documents from
        1."""
        logits: Tensor = self.output(self.dropout(self.features[ids[:, 0] - 1]))
        return logits


def features_of(
    network: Encoder, training: Batches, validation: Batches, *, device: Device, progress: Progress
) -> tuple[nn.Module, Batches, Batches]:
    """What to train: the network, or, if only its output layer is trainable, that layer alone over
    the features of all documents, computed once."""
    trainable = {name.split(".")[0] for name, p in network.named_parameters() if p.requires_grad}
    if trainable != {"output"}:
        return network, training, validation
    progress.note("only the output layer is trained: computing its features once")
    place = choose_device(device)
    network.to(place).eval()
    parts = []
    with torch.inference_mode():
        for batches in (training, validation):
            features = torch.empty(len(batches), network.output.in_features)
            for batch in batches.in_order():
                features[batch.rows] = network.encode(
                    batch.ids.to(place), batch.lengths.to(place)
                ).cpu()
            parts.append(features)
    rows = np.arange(1, len(training) + len(validation) + 1)
    offsets = np.arange(len(rows) + 1)
    numbered = (
        Batches(rows, offsets, its, batches.labels, batches.batch_size)
        for batches, its in zip(
            (training, validation), np.split(offsets[:-1], [len(training)]), strict=True
        )
    )
    return Head(network, torch.cat(parts).clone()), next(numbered), next(numbered)
