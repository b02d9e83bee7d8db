"""What every network must do. One that is new in NETWORKS is tested, with its defaults or those in
SMALL."""

import inspect
from importlib import import_module

import numpy as np
import pytest
import torch
from classifiers.toy_batches import WORDS, make_ids
from torch import nn
from torch.nn import functional
from training.toy_networks import make_batches, make_task

from textdl.classifiers.networks import NETWORKS, network_from_settings
from textdl.errors import InputError
from textdl.tensors import open_tensors, save_tensors
from textdl.training.loop import fit
from textdl.training.randomness import seeded

SMALL = {
    "birnn": {"hidden": 5},
    "meanvectors": {"longest": 2, "buckets": 50},
    "ngrams": {"longest": 1, "ngrams": WORDS, "normalized": True},
    "textcnn": {"maps": 6},
    "transformer": {"width": 8, "heads": 2, "feedforward": 12, "max_length": 50},
}

VARIANTS = [
    *((kind, {}) for kind in NETWORKS),
    *(("birnn", {"cell": cell, "layers": 2}) for cell in ("lstm", "gru", "rnn")),
    *(("birnn", {"pooling": pooling}) for pooling in ("last", "mean", "mean+max", "attention")),
    ("birnn", {"pooling": "attention", "scoring": "dot", "window": 3}),
    ("birnn", {"layers": 2, "recurrent_dropout": 0.3, "locked": True, "frozen": (True, False)}),
    ("textcnn", {"k": 3}),
    ("textcnn", {"k": 2, "activation": "maxout", "batch_norm": True}),
    *(
        ("textcnn", {"activation": name})
        for name in ("leaky-relu", "elu", "gelu", "tanh", "sigmoid")
    ),
    ("textcnn", {"frozen": (True, False)}),
    *(
        ("transformer", {"positions": positions, "norm": norm, "layers": 2})
        for positions in ("sinusoidal", "learned", "rotary")
        for norm in ("pre", "post")
    ),
    *(("transformer", {"pooling": name}) for name in ("cls", "max", "mean+max", "attention")),
    ("transformer", {"pooling": "cls", "positions": "learned"}),
    ("transformer", {"window": 4, "layers": 2, "pooling": "attention", "scoring": "dot"}),
    ("transformer", {"activation": "maxout"}),
]


def name_of(variant):
    kind, settings = variant
    return "-".join([kind, *(f"{name}={value}" for name, value in settings.items())])


def class_of(kind):
    module, name = NETWORKS[kind].split(":")
    return getattr(import_module(module), name)


def build(variant, seed=1):
    kind, settings = variant
    sizes = {"words": WORDS, "dim": 6, "classes": 3}
    wanted = inspect.signature(class_of(kind)).parameters
    given = {name: size for name, size in sizes.items() if name in wanted}
    with seeded(seed):
        network = network_from_settings(kind, {**given, **SMALL.get(kind, {}), **settings})
        torch.manual_seed(seed)  # network_from_settings puts torch's generator back
        for parameter in network.parameters():
            nn.init.normal_(parameter, std=0.5)
            if not parameter.requires_grad:
                parameter.abs_()
    for table in tables(network):
        table.weight.data[0] = 0
    if kind == "tfidf":
        network.idf[0] = 0
    return network.eval()


def tables(network):
    return [module for module in network.modules() if isinstance(module, nn.Embedding)]


def trained(network):
    return {name: p for name, p in network.named_parameters() if p.requires_grad}


def dense_gradients(network):
    return {name: p.grad.to_dense() for name, p in trained(network).items()}


@pytest.fixture(params=VARIANTS, ids=name_of)
def variant(request):
    return request.param


@pytest.fixture
def network(variant):
    return build(variant)


LENGTHS = [0, 1, 2, 3, 7, 12, 30, 45]


def test_padding_changes_nothing(network):
    ids, lengths = make_ids(LENGTHS)
    logits = network(ids, lengths)
    assert logits.shape == (8, 3)
    assert logits.dtype == torch.float32
    for extra in (1, 3, 40):
        padded = network(functional.pad(ids, (0, extra)), lengths)
        assert torch.allclose(padded, logits, atol=1e-5)


def test_company_changes_nothing(network):
    ids, lengths = make_ids(LENGTHS * 8)
    together = network(ids, lengths)
    alone = [network(ids[i : i + 1, :n], lengths[i : i + 1]) for i, n in enumerate(lengths)]
    assert torch.allclose(together, torch.cat(alone), atol=1e-5)


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("extra", [0, 5])
def test_empty_documents(network, batch, extra):
    network.train()
    logits = network(*make_ids([0] * batch, extra))
    assert torch.isfinite(logits).all()
    if trained(network):
        logits.square().sum().backward()
        assert all(torch.isfinite(grad).all() for grad in dense_gradients(network).values())


def test_an_empty_document_has_the_logits_it_always_has(network):
    (alone,) = network(*make_ids([0]))
    assert torch.allclose(network(*make_ids([0, 9]))[0], alone, atol=1e-5)


def test_a_document_of_one_word(network):
    network.train()
    logits = network(*make_ids([1]))
    assert torch.isfinite(logits).all()


def test_words_matter(network):
    if not trained(network):
        pytest.skip("drawn weights need not be those of these words")
    ids, lengths = make_ids([12, 12], seed=3)
    one, two = network(ids, lengths)
    assert not torch.allclose(one, two, atol=1e-3)


def test_every_trained_parameter_has_a_gradient_and_padding_has_none(network):
    if not trained(network):
        pytest.skip("it is not trained by gradients")
    ids, lengths = make_ids(LENGTHS, extra=2)
    network.train()
    with seeded(2):
        functional.cross_entropy(network(ids, lengths), torch.arange(8) % 3).backward()
    for name, grad in dense_gradients(network).items():
        assert torch.isfinite(grad).all(), name
        assert grad.any(), name
    for table in tables(network):
        if table.weight.requires_grad:
            assert not table.weight.grad.to_dense()[0].any()


def test_frozen_tables_have_no_gradient():
    for kind in ("birnn", "textcnn", "transformer"):
        network = build((kind, {"frozen": (True, False)}))
        still, tuned = network.channels
        network(*make_ids(LENGTHS)).sum().backward()
        assert still.weight.grad is None
        assert tuned.weight.grad is not None


def test_settings_and_weights_make_the_network_again(network, variant, tmp_path):
    network.train()
    network(*make_ids(LENGTHS))  # what batch norm keeps is no longer what it begins with
    network.eval()
    state = {name: value.numpy() for name, value in network.state_dict().items()}
    save_tensors(tmp_path / "weights.safetensors", state)
    read, _ = open_tensors(tmp_path / "weights.safetensors")
    again = network_from_settings(network.kind, network.settings)
    weights = {name: torch.from_numpy(np.array(value)) for name, value in read.items()}
    again.load_state_dict(weights)
    again.eval()
    assert again.settings == network.settings
    assert repr(again) == repr(network)
    assert [p.requires_grad for p in again.parameters()] == [
        p.requires_grad for p in network.parameters()
    ]
    batch = make_ids(LENGTHS)
    assert torch.equal(again(*batch), network(*batch))


def test_every_setting_is_recorded(network):
    parameters = inspect.signature(type(network)).parameters
    assert list(network.settings) == list(parameters)


def test_a_checkpoint_knows_the_settings(network, variant):
    plain = build((variant[0], {}))
    assert (repr(network) == repr(plain)) == (network.settings == plain.settings)


def test_same_seed_same_bits(variant):
    def run(seed):
        network = build(variant, seed).train()
        with seeded(seed):
            logits = network(*make_ids(LENGTHS))
            if trained(network):
                logits.square().sum().backward()
        return [logits, *(dense_gradients(network).values())]

    assert all(map(torch.equal, run(1), run(1)))
    assert not torch.equal(run(1)[0], run(2)[0])


def test_logits_in_evaluation_are_not_drawn(network):
    batch = make_ids(LENGTHS)
    before = torch.random.get_rng_state()
    assert torch.equal(network(*batch), network(*batch))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_training_is_resumed_bit_for_bit(variant, tmp_path):
    if not trained(build(variant)):
        pytest.skip("it is not trained by gradients")
    task, held_out = (make_task(40, seed, WORDS, batch_size=8) for seed in (1, 2))

    def train(epochs, checkpoints):
        network = build(variant)
        options = {"lr": 0.01, "patience": 9, "seed": 1, "device": "cpu"}
        fit(network, task, held_out, epochs=epochs, checkpoints=checkpoints, **options)
        return network.state_dict()

    train(1, tmp_path)
    resumed, undisturbed = train(2, tmp_path), train(2, None)
    assert all(torch.equal(resumed[name], value) for name, value in undisturbed.items())


def test_settings_that_no_network_has():
    with pytest.raises(InputError, match="knows birnn, meanvectors"):
        network_from_settings("perceptron", {})
    sizes = {"words": WORDS, "dim": 6, "classes": 3}
    for kind, settings in [
        *(("birnn", {"cell": cell}) for cell in ("lstmm", [])),
        ("birnn", {"depth": 3}),
        *(("birnn", {"hidden": size}) for size in ("wide", -1)),
        ("transformer", {"heads": 0}),
    ]:
        with pytest.raises(InputError, match=f"settings of this {kind} can't be right"):
            network_from_settings(kind, {**sizes, **settings})


def test_mixed_precision_is_near(network):
    if not trained(network):
        pytest.skip("it is not trained by gradients")
    ids, lengths = make_ids(LENGTHS)
    exact = network(ids, lengths)
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(ids, lengths)
    if network.settings.get("k", 1) == 1:  # rounded sums may have another order
        assert torch.allclose(logits.float(), exact, rtol=0.1, atol=0.15)
    logits.float().square().sum().backward()
    assert all(torch.isfinite(grad).all() for grad in dense_gradients(network).values())


def order_task(n, seed):
    """The words 2 and 3 are next to each other; the class is which of them is first."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, n)
    documents = []
    for label in labels:
        others = random.integers(4, WORDS, random.integers(0, 10))
        place = random.integers(0, len(others) + 1)
        documents.append([*others[:place], 2 + label, 3 - label, *others[place:]])
    return make_batches(documents, labels, batch_size=16)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("textcnn", {}),
        *(("birnn", {"cell": cell}) for cell in ("lstm", "gru", "rnn")),
        ("birnn", {"pooling": "last", "layers": 2}),
        ("transformer", {}),
        ("transformer", {"window": 2}),
    ],
    ids=str,
)
def test_learns_order(kind, settings):
    widths = {"birnn": {"hidden": 16}, "textcnn": {"maps": 16}, "transformer": {"width": 32}}
    with seeded(1):
        network = class_of(kind)(
            **{"words": WORDS, "dim": 16, "classes": 2, "dropout": 0.1, **widths[kind], **settings}
        )
    options = {"epochs": 4, "lr": 0.01, "seed": 1, "device": "cpu"}
    history = fit(network, order_task(500, 1), order_task(200, 2), **options)
    assert history[history.best].validation_accuracy > 0.9
