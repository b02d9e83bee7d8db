import math

import pytest
import torch
from classifiers.toy_batches import make_ids
from torch import nn
from torch.nn import functional

from textdl.classifiers.attention import SelfAttention, angles, local_attention, rotated
from textdl.classifiers.pooling import inside
from textdl.classifiers.transformer import Block, Transformer
from textdl.errors import InputError
from textdl.training.layers import train_mode
from textdl.training.randomness import seeded

LENGTHS = [5, 1, 9, 30, 2]


def make_network(**settings):
    with seeded(1):
        return Transformer(
            **{"words": 40, "dim": 6, "classes": 3, "width": 8, "heads": 2, **settings}
        ).eval()


def test_what_is_frozen_drops_nothing():
    network = make_network(dropout=0.5)
    for name, p in network.named_parameters():
        p.requires_grad_(name.startswith("output."))
    train_mode(network)
    ids, lengths = make_ids(LENGTHS)
    assert torch.equal(network.encode(ids, lengths), network.encode(ids, lengths))
    assert not torch.equal(network(ids, lengths), network(ids, lengths))


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_a_block_is_torchs(norm):
    with seeded(1):
        block = Block(8, 2, 12, "relu", norm, None, 0.0)
    twin = nn.TransformerEncoderLayer(
        8, 2, 12, dropout=0.0, batch_first=True, norm_first=norm == "pre"
    )
    names = {
        "self_attn.in_proj_": "attention.inward.",
        "self_attn.out_proj.": "attention.outward.",
        "linear1.": "feedforward.0.",
        "linear2.": "feedforward.2.",
        "norm1.": "norms.0.",
        "norm2.": "norms.1.",
    }
    mine = block.state_dict()
    twin.load_state_dict(
        {b + part: mine[a + part] for b, a in names.items() for part in ("weight", "bias")}
    )
    states = torch.randn(5, 30, 8, generator=torch.Generator().manual_seed(0))
    places = inside(torch.tensor(LENGTHS), 30)
    expected = twin(states, src_key_padding_mask=~places)
    assert torch.allclose(block(states, places, None)[places], expected[places], atol=1e-5)


def test_sinusoids_are_the_papers():
    waves = angles(50, 8, torch.device("cpu"))
    for place in (0, 1, 17, 49):
        for i in range(4):
            angle = place / 10000 ** (2 * i / 8)
            assert math.isclose(waves[place, i].item(), angle, rel_tol=1e-5, abs_tol=1e-9)


def test_rotated_products_depend_on_the_distance_only():
    query, key = torch.randn(2, 1, 1, 1, 16, generator=torch.Generator().manual_seed(0))
    turns = angles(40, 16, query.device)
    products = (
        rotated(query.expand(1, 1, 40, 16), turns)
        @ rotated(key.expand(1, 1, 40, 16), turns).transpose(2, 3)
    )[0, 0]
    for distance in (0, 1, -7, 20):
        diagonal = products.diagonal(distance)
        assert torch.allclose(diagonal, diagonal[:1].expand_as(diagonal), atol=1e-4)
    assert torch.allclose(products[5, 5], (query * key).sum(), atol=1e-5)
    assert not torch.allclose(products[0, 1], products[0, 2], atol=1e-3)


@pytest.mark.parametrize("window", [1, 3, 8, 30, 50])
def test_local_attention_is_attention_under_a_mask(window):
    generator = torch.Generator().manual_seed(0)
    parts = torch.randn(3, 5, 2, 30, 4, generator=generator).requires_grad_()
    twins = parts.detach().clone().requires_grad_()
    places = inside(torch.tensor(LENGTHS), 30)
    distances = torch.arange(30)[:, None] - torch.arange(30)
    mask = (distances.abs() <= window) & (places[:, None] | (distances == 0))
    found = local_attention(*parts, places, window)
    expected = functional.scaled_dot_product_attention(*twins, attn_mask=mask[:, None])
    assert torch.allclose(found, expected, atol=1e-5)
    weights = torch.linspace(-1, 1, found.numel()).view_as(found)
    (found * weights).sum().backward()
    (expected * weights).sum().backward()
    assert torch.allclose(parts.grad, twins.grad, atol=1e-5)


def test_a_window_as_wide_as_the_document_is_none():
    whole = make_network(layers=2, positions="rotary")
    local = make_network(layers=2, positions="rotary", window=30)
    batch = make_ids(LENGTHS)
    assert torch.allclose(whole(*batch), local(*batch), atol=1e-5)
    narrow = make_network(layers=2, positions="rotary", window=2)
    assert not torch.allclose(whole(*batch), narrow(*batch), atol=1e-3)


@pytest.mark.parametrize("positions", ["sinusoidal", "learned", "rotary"])
def test_order_matters(positions):
    network = make_network(positions=positions)
    ids, lengths = make_ids([9])
    assert not torch.allclose(network(ids, lengths), network(ids.flip(1), lengths), atol=1e-6)


@pytest.mark.parametrize("positions", ["sinusoidal", "learned", "rotary"])
@pytest.mark.parametrize("pooling", ["cls", "mean"])
def test_longer_documents_are_cut(positions, pooling):
    network = make_network(positions=positions, pooling=pooling, max_length=10)
    ids, lengths = make_ids([9, 10, 11, 30])
    cut = network(ids[:, :10], lengths.clamp_max(10))
    assert torch.equal(network(ids, lengths), cut)


def test_no_attention_is_paid_to_padding():
    attention = SelfAttention(8, 2)
    states = torch.randn(2, 6, 8, generator=torch.Generator().manual_seed(0)).requires_grad_()
    attention(states, inside(torch.tensor([3, 6]), 6))[0, :3].sum().backward()
    assert states.grad[0, :3].abs().min() > 0
    assert not states.grad[0, 3:].any()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"width": 10, "heads": 4, "positions": "learned"}, "width 10 is no multiple of 4"),
        ({"width": 4, "heads": 4}, "width 4 is no multiple of 8"),
        ({"width": 9, "heads": 3, "positions": "sinusoidal"}, "width 9 is no multiple of 6"),
        ({"pooling": "cls", "window": 3}, "sees the first words only"),
    ],
)
def test_settings_that_do_not_go_together(settings, message):
    with pytest.raises(InputError, match=message):
        make_network(**settings)


@pytest.mark.parametrize("setting", ["norm", "positions", "pooling", "activation"])
def test_unknown_names(setting):
    with pytest.raises((InputError, KeyError), match="unheard"):
        make_network(**{setting: "unheard"})
