import math

import pytest
import torch

from textdl.classifiers.pooling import Attention, Pooling, inside

LENGTHS = torch.tensor([0, 1, 4, 7])


@pytest.fixture
def states():
    """Garbage where there is padding."""
    states = torch.randn(4, 7, 6, generator=torch.Generator().manual_seed(0))
    states[~inside(LENGTHS, 7)] = 1e6
    return states


def make_pooling(kind, **settings):
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return Pooling(kind, 6, **settings)


def documents(states):
    """Those with words, as lists of states."""
    return [line[:n] for line, n in zip(states, LENGTHS.tolist(), strict=True) if n]


EXPECTED = {
    "cls": lambda document: document[0],
    "last": lambda document: torch.cat([document[-1, :3], document[0, 3:]]),
    "mean": lambda document: document.mean(0),
    "max": lambda document: document.amax(0),
    "mean+max": lambda document: torch.cat([document.mean(0), document.amax(0)]),
}


@pytest.mark.parametrize("kind", EXPECTED)
def test_what_is_pooled(states, kind):
    pooling = make_pooling(kind)
    features = pooling(states, LENGTHS)
    expected = torch.stack([EXPECTED[kind](document) for document in documents(states)])
    assert features.shape == (4, pooling.features)
    assert not features[0].any()
    assert torch.allclose(features[1:], expected, atol=1e-6)


@pytest.mark.parametrize("scoring", ["additive", "dot"])
def test_attention_is_the_papers(states, scoring):
    pooling = make_pooling("attention", scoring=scoring)
    features = pooling(states, LENGTHS)
    attention = pooling.pool
    for pooled, document in zip(features[1:], documents(states), strict=True):
        keys = document
        if scoring == "additive":
            keys = torch.tanh(document @ attention.key[0].weight.T + attention.key[0].bias)
        weights = torch.softmax(keys @ attention.query, 0)
        assert torch.allclose(pooled, (weights[:, None] * document).sum(0), atol=1e-6)
    assert not features[0].any()


@pytest.mark.parametrize("window", [1, 2, 5])
def test_local_attention_stays_near_its_centre(states, window):
    attention = make_pooling("attention", window=window).pool
    whole = make_pooling("attention").pool
    weights = attention.weights(states, LENGTHS)
    assert torch.equal(attention.query, whole.query)
    for line, document in zip(weights[1:], documents(states), strict=True):
        n = len(document)
        centre = attention.centre(document.mean(0)).sigmoid() * (n - 1)
        distances = torch.arange(n) - centre
        near = distances.abs() <= window
        scores = attention.key(document) @ attention.query
        expected = torch.softmax(scores.masked_fill(~near, -math.inf), 0)
        expected *= torch.exp(-(distances**2) / (2 * (window / 2) ** 2))
        assert torch.allclose(line[:n], expected, atol=1e-6)
        assert not line[n:].any()


def test_attention_finds_the_word_that_matters():
    """It learns to look at the one state that tells, wherever that is."""
    generator = torch.Generator().manual_seed(2)
    states = torch.randn(200, 12, 4, generator=generator)
    places = torch.randint(12, (200,), generator=generator)
    rows = torch.arange(200)
    states[rows, places, 0] = 4.0
    told = states[rows, places, 1]
    attention = Attention(4, "dot")
    optimizer = torch.optim.Adam(attention.parameters(), 0.1)
    lengths = torch.full((200,), 12)
    for _ in range(60):
        optimizer.zero_grad()
        (attention(states, lengths)[:, 1] - told).square().mean().backward()
        optimizer.step()
    assert (attention.weights(states, lengths).argmax(1) == places).float().mean() > 0.95


@pytest.mark.parametrize("kind", [*EXPECTED, "attention"])
@pytest.mark.parametrize("window", [None, 2])
def test_no_gradient_reaches_padding(states, kind, window):
    pooling = make_pooling(kind, window=window)
    states.requires_grad_()
    pooling(states, LENGTHS).square().sum().backward()
    assert torch.isfinite(states.grad).all()
    assert not states.grad[~inside(LENGTHS, 7)].any()
    assert all(torch.isfinite(p.grad).all() for p in pooling.parameters())


def test_unknown_kinds():
    with pytest.raises(KeyError, match="median"):
        Pooling("median", 6)
    with pytest.raises(KeyError, match="cosine"):
        Pooling("attention", 6, scoring="cosine")
