"""The layers of a network, and which of them stay as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from torch import Tensor, nn

Embedding = nn.Embedding | nn.EmbeddingBag


def embeddings(network: nn.Module) -> list[Embedding]:
    """The tables of word vectors."""
    return [m for m in network.modules() if isinstance(m, Embedding)]


def matrices(network: nn.Module) -> list[nn.Parameter]:
    """The trainable weights that are neither embeddings, nor biases, nor the gains of a norm."""
    tables = {id(table.weight) for table in embeddings(network)}
    return [
        p for p in network.parameters() if p.requires_grad and p.dim() >= 2 and id(p) not in tables
    ]


def layers(network: nn.Module) -> list[list[Tensor]]:
    """The trainable parameters from the input to the output: embeddings, then those that belong
    to the network itself, then its modules in their order, those in a list one by one. What has no
    matrix, such as a norm, belongs to the layer below it; to the one above it if there is none."""
    blocks: list[nn.Module] = []
    for child in network.children():
        several = isinstance(child, nn.ModuleList | nn.Sequential)
        blocks += child.children() if several else [child]
    groups: list[list[Tensor]] = [
        [table.weight for table in embeddings(network)],
        list(network.parameters(recurse=False)),
    ]
    groups += [list(block.parameters()) for block in blocks]
    seen: set[int] = set()
    found: list[list[Tensor]] = []
    for group in groups:
        new = _unseen(group, seen)
        if found and not (_has_matrix(found[-1]) and _has_matrix(new)):
            found[-1] += new
        elif new:
            found.append(new)
    return found


def _has_matrix(group: Iterable[Tensor]) -> bool:
    return any(p.dim() >= 2 for p in group)


def _unseen(group: Iterable[Tensor], seen: set[int]) -> list[Tensor]:
    new = [p for p in group if p.requires_grad and id(p) not in seen]
    seen.update(map(id, new))
    return new


def unfreeze(groups: Sequence[Sequence[Tensor]], top: int) -> None:
    """Train only the last ``top`` layers (Howard & Ruder 2018, "Universal Language Model
    Fine-tuning for Text Classification", section 3.3)."""
    for depth, group in enumerate(reversed(groups)):
        for p in group:
            p.requires_grad_(depth < top)


@contextmanager
def thawed_afterwards(groups: Sequence[Sequence[Tensor]]) -> Iterator[None]:
    """After it, however it ends, all the layers are trainable."""
    try:
        yield
    finally:
        unfreeze(groups, len(groups))


def train_mode(network: nn.Module) -> None:
    """Training mode, except for modules whose parameters are all frozen: their buffers, such as
    the statistics of a batch norm, stay too, and they drop nothing."""
    network.train()
    for module in network.modules():
        parameters = list(module.parameters())
        if parameters and not any(p.requires_grad for p in parameters):
            module.eval()


@contextmanager
def dense_gradients(network: nn.Module, wanted: bool) -> Iterator[list[Embedding]]:
    """Within it, if ``wanted``, embeddings give dense gradients; yields those that were made to
    give sparse ones."""
    sparse = [table for table in embeddings(network) if wanted and table.sparse]
    for module in sparse:
        module.sparse = False
    try:
        yield sparse
    finally:
        for module in sparse:
            module.sparse = True
