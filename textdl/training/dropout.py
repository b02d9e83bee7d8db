"""Dropout beyond single elements, for which there is ``torch.nn.Dropout``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional

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


class EmbeddingDropout(_Dropout):
    """Drops words of the vocabulary, wherever they stand in the batch (Gal & Ghahramani 2016, "A
    Theoretically Grounded Application of Dropout in Recurrent Neural Networks", section 4.2)."""

    def forward(self, vectors: Tensor, ids: Tensor, words: int) -> Tensor:
        """Vectors, ``[..., dim]``, of ids, int64 ``[...]``, below ``words``."""
        if not self.training or not self.p:
            return vectors
        kept = functional.dropout(vectors.new_ones(words), self.p)
        return vectors * kept[ids].unsqueeze(-1)


class LockedDropout(_Dropout):
    """Drops the same features at all times of a sequence (Gal & Ghahramani 2016)."""

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
    """Within it what the network's ``nn.Embedding`` modules give has :class:`EmbeddingDropout` and
    :class:`~textdl.training.noise.GaussianNoise` while it is in training mode. Padding gets no
    noise."""
    drop, disturb = EmbeddingDropout(dropout), GaussianNoise(noise)

    def disturbed(module: nn.Module, args: tuple[Tensor], vectors: Tensor) -> Tensor:
        assert isinstance(module, nn.Embedding)
        if not network.training:
            return vectors
        vectors = drop(vectors, args[0], module.num_embeddings)
        padding = -1 if module.padding_idx is None else module.padding_idx
        return torch.where((args[0] == padding).unsqueeze(-1), vectors, disturb(vectors))

    tables = [m for m in network.modules() if isinstance(m, nn.Embedding)]
    handles = [m.register_forward_hook(disturbed) for m in tables] if dropout or noise else []
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
