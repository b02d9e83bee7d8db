"""The sentiment networks of "Dive into Deep Learning" (Zhang et al. 2023, chapter 16), plainly:
what the speed of textdl's is compared with.

Written from the book's description: words between spaces, those that occur five times have an id;
every review is padded or cut to 500 of them and takes its turn in batches of 64; Adam moves the
whole table of vectors at every step. What is not computing, such as a loader's work on each example
or the accuracy after each batch, is left out here.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

LENGTH, BATCH, MIN_COUNT = 500, 64, 5
PAD, UNKNOWN = 0, 1


class PlainVocab:
    """Ids of the words of texts."""

    def __init__(self, texts: Iterable[str]) -> None:
        counts = Counter(word for text in texts for word in text.split())
        kept = [word for word, count in counts.most_common() if count >= MIN_COUNT]
        self.ids = {word: i for i, word in enumerate(kept, UNKNOWN + 1)}

    def __len__(self) -> int:
        return UNKNOWN + 1 + len(self.ids)

    def encode(self, texts: Iterable[str]) -> Tensor:
        """int64 ``[texts, LENGTH]``."""
        rows = []
        for text in texts:
            ids = [self.ids.get(word, UNKNOWN) for word in text.split()[:LENGTH]]
            rows.append(ids + [PAD] * (LENGTH - len(ids)))
        return torch.tensor(rows)


class PlainTextCNN(nn.Module):
    """Two tables of vectors, one of them frozen, side by side; 100 filters of each width over both
    (Kim 2014)."""

    lr = 0.001

    def __init__(self, words: int, dim: int = 100, maps: int = 100) -> None:
        super().__init__()
        self.tuned, self.frozen = nn.Embedding(words, dim), nn.Embedding(words, dim)
        self.frozen.weight.requires_grad_(False)
        self.filters = nn.ModuleList(nn.Conv1d(2 * dim, maps, width) for width in (3, 4, 5))
        self.dropout = nn.Dropout(0.5)
        self.output = nn.Linear(3 * maps, 2)

    def forward(self, ids: Tensor) -> Tensor:
        vectors = torch.cat([self.tuned(ids), self.frozen(ids)], 2).transpose(1, 2)
        maxima = [functional.adaptive_max_pool1d(f(vectors), 1).squeeze(2) for f in self.filters]
        logits: Tensor = self.output(self.dropout(torch.cat(maxima, 1).relu()))
        return logits


class PlainBiRNN(nn.Module):
    """Two bidirectional LSTM layers over frozen vectors; what they say of the first and of the last
    of the 500 places is classified."""

    lr = 0.01

    def __init__(self, words: int, dim: int = 100, hidden: int = 100) -> None:
        super().__init__()
        self.frozen = nn.Embedding(words, dim)
        self.frozen.weight.requires_grad_(False)
        self.lstm = nn.LSTM(dim, hidden, num_layers=2, bidirectional=True)
        self.output = nn.Linear(4 * hidden, 2)

    def forward(self, ids: Tensor) -> Tensor:
        states, _ = self.lstm(self.frozen(ids.T))  # [LENGTH, batch, 2 * hidden]
        logits: Tensor = self.output(torch.cat([states[0], states[-1]], 1))
        return logits


NETWORKS: dict[str, type[PlainTextCNN] | type[PlainBiRNN]] = {
    "TextCNN": PlainTextCNN,
    "biRNN": PlainBiRNN,
}


def train(network: PlainTextCNN | PlainBiRNN, ids: Tensor, labels: Tensor, seed: int) -> float:
    """Train for an epoch: the examples per second from the end of the first step on."""
    optimizer = torch.optim.Adam([p for p in network.parameters() if p.requires_grad], network.lr)
    order = torch.randperm(len(ids), generator=torch.Generator().manual_seed(seed))
    network.train()
    started = 0.0
    for rows in order.split(BATCH):
        optimizer.zero_grad()
        functional.cross_entropy(network(ids[rows]), labels[rows]).backward()
        optimizer.step()
        started = started or time.perf_counter()
    return (len(ids) - BATCH) / (time.perf_counter() - started)


@torch.inference_mode()
def predict(network: nn.Module, vocab: PlainVocab, texts: Sequence[str]) -> Tensor:
    """Probabilities, float32 ``[texts, 2]``."""
    network.eval()
    starts = range(0, len(texts), BATCH)
    batches = (vocab.encode(texts[start : start + BATCH]) for start in starts)
    return torch.cat([network(ids).softmax(1) for ids in batches])
