"""Self-attention: every word gathers what others hold."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

WAVELENGTH = 10_000.0
"""The slowest wave of the positions turns once in 2π times so many words (Vaswani et al. 2017)."""


class SelfAttention(nn.Module):
    """Queries, keys and values for each head, scaled dot products among them, linear (Vaswani et
    al. 2017, "Attention Is All You Need", section 3.2).

    Args:
        width: length of a state, a multiple of ``heads``.
        heads: how many parts of it attend apart from each other.
        window: if given, how far a word looks to either side.
    """

    def __init__(self, width: int, heads: int, window: int | None = None) -> None:
        super().__init__()
        self.heads, self.window = heads, window
        self.inward = nn.Linear(width, 3 * width)
        self.outward = nn.Linear(width, width)

    def forward(self, states: Tensor, places: Tensor, turns: Tensor | None = None) -> Tensor:
        """What each word gathers, float32 ``[batch, longest, width]``.

        Args:
            states: float32 ``[batch, longest, width]``.
            places: bool ``[batch, longest]``, which may be looked at.
            turns: by which angles places turn queries and keys, ``[longest, width / heads / 2]``.
        """
        parts = self.inward(states).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        query, key, value = parts
        if turns is not None:
            query, key = rotated(query, turns), rotated(key, turns)
        if self.window is None:
            gathered = functional.scaled_dot_product_attention(
                query, key, value, attn_mask=places[:, None, None]
            )
        else:
            gathered = local_attention(query, key, value, places, self.window)
        out: Tensor = self.outward(gathered.transpose(1, 2).flatten(2))
        return out


def angles(longest: int, size: int, device: torch.device) -> Tensor:
    """The phases of ``size / 2`` waves at each place, float32 ``[longest, size / 2]``."""
    rates = WAVELENGTH ** (-torch.arange(0, size, 2, device=device) / size)
    return torch.arange(longest, device=device)[:, None] * rates


def rotated(vectors: Tensor, turns: Tensor) -> Tensor:
    """Each pair of features, one from either half, turned by an angle, so that the product of two
    vectors depends on how far apart they are (Su et al. 2021, "RoFormer").

    Args:
        vectors: float32 ``[batch, heads, longest, size]``.
        turns: float32 ``[longest, size / 2]``.
    """
    one, two = vectors.chunk(2, 3)
    sine, cosine = turns.sin(), turns.cos()
    return torch.cat([one * cosine - two * sine, one * sine + two * cosine], 3)


def local_attention(
    query: Tensor, key: Tensor, value: Tensor, places: Tensor, window: int
) -> Tensor:
    """Attention of each place to itself and those at most ``window`` away that may be looked at,
    float32 ``[batch, heads, longest, size]``.

    The places are cut into blocks of ``window``, each of which needs no more than itself and its
    neighbours. Of few blocks these would be more than there is: then all is computed and masked.

    Args:
        query, key, value: float32 ``[batch, heads, longest, size]``.
        places: bool ``[batch, longest]``.
    """
    batch, longest = places.shape
    if 3 * window >= longest:
        steps = torch.arange(longest, device=query.device)
        distances = (steps - steps[:, None]).abs()
        seen = (distances <= window) & (places[:, None, None] | (distances == 0))
        return functional.scaled_dot_product_attention(query, key, value, attn_mask=seen)
    blocks = -(-longest // window)
    room = blocks * window - longest

    def with_neighbours(vectors: Tensor) -> Tensor:  # [batch * blocks, heads, 3 * window, size]
        padded = functional.pad(vectors, (0, 0, window, window + room))
        parts = padded.unflatten(2, (blocks + 2, window))
        three = torch.cat([parts[:, :, i : i + blocks] for i in range(3)], 3)
        return three.transpose(1, 2).flatten(0, 1)

    own = functional.pad(query, (0, 0, 0, room)).unflatten(2, (blocks, window))
    there = with_neighbours(places[:, None, :, None]).transpose(2, 3)
    steps = torch.arange(3 * window, device=query.device)
    distances = steps - window - steps[:window, None]
    near = distances.abs() <= window  # [window, 3 * window]
    gathered = functional.scaled_dot_product_attention(
        own.transpose(1, 2).flatten(0, 1),
        with_neighbours(key),
        with_neighbours(value),
        attn_mask=near & (there | (distances == 0)),
    )
    whole: Tensor = gathered.unflatten(0, (batch, blocks)).transpose(1, 2).flatten(2, 3)
    return whole[:, :, :longest]
