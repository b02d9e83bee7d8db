"""Dropout beyond single elements, for which there is ``torch.nn.Dropout``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional
from torch.utils.hooks import RemovableHandle

from textdl.training.noise import GaussianNoise


class _Dropout(nn.Module):
    """Something with a share to drop.

    Args:
        p: that share, at least 0 and below 1.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"the share to drop is at least 0 and below 1, not {p}")
        self.p = p

    def extra_repr(self) -> str:
        return f"p={self.p}"


class WordDropout(_Dropout):
    """Reads words as unknown (Iyyer et al. 2015, "Deep Unordered Composition Rivals Syntactic
    Methods for Text Classification").

    Args:
        p: share of the words.
        unknown: the id they get.
    """

    def __init__(self, p: float, unknown: int = 1) -> None:
        super().__init__(p)
        self.unknown = unknown

    def forward(self, ids: Tensor) -> Tensor:
        """Ids, int64, 0 being padding and staying so."""
        if not self.training or not self.p:
            return ids
        dropped = torch.rand(ids.shape, device=ids.device) < self.p
        return ids.masked_fill(dropped & (ids != 0), self.unknown)


class LockedDropout(_Dropout):
    """Drops the same features at all times of a sequence (Gal & Ghahramani 2016, "A Theoretically
    Grounded Application of Dropout in Recurrent Neural Networks")."""

    def forward(self, sequence: Tensor) -> Tensor:
        """``[batch, time, features]``."""
        if not self.training or not self.p:
            return sequence
        kept = sequence.new_ones(len(sequence), 1, sequence.shape[2])
        return sequence * functional.dropout(kept, self.p)


class DropConnect(_Dropout):
    """A module whose weights are dropped, not its outputs (Wan et al. 2013, "Regularization of
    Neural Networks using DropConnect"; Merity et al. 2018 for the recurrent ones of an LSTM).

    Args:
        module: called as before.
        p: share of the weights.
        names: of which parameters of ``module``.
    """

    def __init__(self, module: nn.Module, p: float, names: Sequence[str] = ("weight",)) -> None:
        super().__init__(p)
        known = dict(module.named_parameters())
        if missing := [name for name in names if name not in known]:
            raise ValueError(f"no parameter {missing[0]!r}: there are {', '.join(known)}")
        self.module, self.names = module, tuple(names)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        if not self.training or not self.p:
            return self.module(*args, **kwargs)
        weights = {n: functional.dropout(self.module.get_parameter(n), self.p) for n in self.names}
        return functional_call(self.module, weights, args, kwargs)


@contextmanager
def disturbed_embeddings(network: nn.Module, *, dropout: float, noise: float) -> Iterator[None]:
    """Within it, while the network is in training mode, its ``nn.Embedding`` modules are disturbed,
    whose sum it is taken to read: all drop the same words of the vocabulary, wherever they stand in
    the batch (Gal & Ghahramani 2016, section 4.2), and the first one adds
    :class:`~textdl.training.noise.GaussianNoise` to all but padding."""
    tables = [m for m in network.modules() if isinstance(m, nn.Embedding)]
    disturb, kept = GaussianNoise(noise), torch.ones(0)

    def begin(module: nn.Module, args: Any) -> None:
        nonlocal kept
        words = tables[0].weight.new_ones(max(table.num_embeddings for table in tables))
        kept = functional.dropout(words, dropout, network.training)

    def disturbed(table: Any, args: tuple[Tensor], vectors: Tensor) -> Tensor:
        if not network.training:
            return vectors
        (ids,) = args
        vectors = vectors * kept[ids].unsqueeze(-1)
        if table is not tables[0]:
            return vectors
        padding = -1 if table.padding_idx is None else table.padding_idx
        return torch.where((ids == padding).unsqueeze(-1), vectors, disturb(vectors))

    handles: list[RemovableHandle] = []
    if tables and (dropout or noise):
        handles.append(network.register_forward_pre_hook(begin))
        handles += [table.register_forward_hook(disturbed) for table in tables]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
