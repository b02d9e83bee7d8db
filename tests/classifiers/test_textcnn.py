import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from classifiers.toy_batches import make_ids
from classifiers.toy_corpora import make_vectors, review_corpus
from torch.nn import functional
from training.toy_networks import Notes

from textdl.classifiers import fit_bag_of_words, train_textcnn
from textdl.classifiers.textcnn import TextCNN
from textdl.errors import InputError

QUICK = {"maps": 8, "epochs": 2, "batch_size": 16, "lr": 0.01, "device": "cpu"}


def make_network(**settings):
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return TextCNN(**{"words": 40, "dim": 6, "classes": 3, "maps": 7, **settings}).eval()


def reference(network, ids):
    """Logits of one document as in the papers, window by window, in float64."""
    vectors = sum(channel.weight.double()[ids] for channel in network.channels)
    dim, maps = vectors.shape[1], network.maps
    features, first = [], 0
    for i, width in enumerate(network.widths):
        filters = network.filters.double().view(dim, -1, maps)[:, first : first + width]
        padded = functional.pad(vectors, (0, 0, 0, width))
        windows = [
            torch.einsum("wd,dwm->m", padded[t : t + width], filters) for t in range(len(ids))
        ]
        bias = network.biases.double()[i * maps : (i + 1) * maps]
        kept = torch.zeros(network.k, maps, dtype=torch.float64)
        if windows:
            sums = torch.stack(windows)
            order = sums.argsort(0, descending=True)[: network.k].sort(0).values
            kept[: len(order)] = network.activation(sums.gather(0, order) + bias)
        features.append(kept.flatten())
        first += width
    output = network.output
    return functional.linear(torch.cat(features), output.weight.double(), output.bias.double())


LENGTHS = [0, 1, 2, 3, 4, 5, 6, 17, 30]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"widths": (1,)},
        {"widths": (2, 7)},
        *({"k": k, "widths": widths} for k in (2, 5) for widths in ((3, 4), (6,))),
        *({"activation": name} for name in ("leaky-relu", "elu", "gelu", "tanh", "sigmoid")),
        {"activation": "tanh", "k": 3},
    ],
    ids=str,
)
def test_logits_and_gradients_are_the_papers(settings):
    network = make_network(**settings, frozen=(True, False))
    ids, lengths = make_ids(LENGTHS)
    logits = network(ids, lengths)
    slow = torch.stack([reference(network, line[:n]) for line, n in zip(ids, LENGTHS, strict=True)])
    assert torch.allclose(logits.double(), slow, atol=1e-5)

    parameters = [p for p in network.parameters() if p.requires_grad]
    weights = torch.linspace(-1, 1, logits.numel()).view_as(logits)
    fast_gradients = torch.autograd.grad((logits * weights).sum(), parameters)
    slow_gradients = torch.autograd.grad((slow * weights).sum(), parameters)
    for fast, true in zip(fast_gradients, slow_gradients, strict=True):
        dense = fast.to_dense() if fast.is_sparse else fast
        if fast.is_sparse:
            true = true.clone()
            true[0] = 0  # padding is not trained
        assert torch.allclose(dense, true.float(), atol=1e-5)


def test_padding_and_batch_size_change_nothing():
    network = make_network()
    ids, lengths = make_ids(LENGTHS * 8)
    together = network(ids, lengths)
    padded = network(functional.pad(ids, (0, 50)), lengths)
    alone = torch.cat(
        [network(line[None, :n], torch.tensor([n])) for line, n in zip(ids, lengths, strict=True)]
    )
    assert torch.allclose(together, padded, atol=1e-5)
    assert torch.allclose(together, alone, atol=1e-5)


def test_of_equal_windows_the_first_ones_are_kept_whatever_stands_beside():
    network = make_network(k=3, widths=(1, 2))
    repeated, long = torch.tensor([5, 6, 7] * 3), torch.arange(60) % 38 + 2
    alone = network(repeated[None], torch.tensor([9]))
    beside = torch.stack([functional.pad(repeated, (0, 51)), long])
    assert torch.allclose(network(beside, torch.tensor([9, 60]))[0], alone[0], atol=1e-6)


def test_a_batch_of_empty_documents():
    network = make_network()
    logits = network(*make_ids([0, 0]))
    assert torch.equal(logits, network.output.bias.expand(2, -1))
    loss = functional.cross_entropy(logits, torch.tensor([0, 1]))
    loss.backward()
    assert all(torch.isfinite(p.grad.to_dense()).all() for p in network.parameters())


def test_maxout_keeps_the_larger_of_two_filters():
    network = make_network(activation="maxout", k=2, widths=(2, 3), maps=4)
    plain = make_network(activation="leaky-relu", k=2, widths=(2, 3), maps=8)
    state = {name: network.state_dict()[name] for name in ("filters", "biases")}
    plain.load_state_dict(plain.state_dict() | state)
    batch = network.channels(functional.pad(make_ids(LENGTHS)[0], (0, 4)))
    every = plain.features(*batch)
    every = torch.where(every < 0, every / 0.01, every)  # leaky ReLU loses nothing
    expected = every.unflatten(1, (-1, 2)).amax(2)
    found = network.features(*batch)
    assert found.shape == (len(LENGTHS), 2 * 2 * 4)
    assert torch.allclose(found, expected, atol=1e-5)


def test_batch_norm_normalizes_what_is_kept():
    network = make_network(batch_norm=True, activation="leaky-relu", maps=30).train()
    ids, _ = make_ids([20] * 64)
    batch = network.channels(functional.pad(ids, (0, 5)))
    features = network.features(*batch)
    features = torch.where(features < 0, features / 0.01, features)
    assert torch.allclose(features.mean(0), torch.zeros(90), atol=1e-4)
    assert torch.allclose(features.var(0, correction=0), torch.ones(90), atol=1e-2)
    assert network.norm.num_batches_tracked == 1
    # One document has no variance: what was seen before stands in.
    one = functional.pad(ids[:1], (0, 5))
    alone = network.features(*network.channels(one))
    assert network.norm.num_batches_tracked == 1
    network.eval()
    assert torch.equal(network.features(*network.channels(one)), alone)


def test_dropout_only_in_training():
    network = make_network()
    batch = make_ids([9, 20])
    assert torch.equal(network(*batch), network(*batch))
    network.train()
    assert not torch.equal(network(*batch), network(*batch))


@pytest.fixture(scope="module")
def corpus():
    return review_corpus()


def tables(model):
    return [channel.weight.detach().numpy() for channel in model.network.channels]


@pytest.mark.parametrize(
    ("embedding", "moves"),
    [("static", [False]), ("tuned", [True]), ("two-channel", [False, True]), ("random", [True])],
)
def test_what_training_moves(corpus, embedding, moves):
    vectors = make_vectors(corpus, leave_out=["bad"])
    model = train_textcnn(corpus, vectors, embedding=embedding, **QUICK)
    rows = corpus.vocab.words.find_all(vectors.words)
    kept = [np.array_equal(table[rows], vectors.matrix) for table in tables(model)]
    assert [not same for same in kept] == moves
    assert not any(table[0].any() for table in tables(model))


def test_words_without_a_vector_vary_as_the_others(corpus):
    notes = Notes()
    vectors = make_vectors(corpus, dim=200, leave_out=["bad", "w3"])
    model = train_textcnn(corpus, vectors, embedding="static", progress=notes, **QUICK)
    (table,) = tables(model)
    drawn = table[[1, *corpus.vocab.words.find_all(["bad", "w3"])]]
    assert abs(drawn.std() - vectors.matrix.std()) < 0.05
    assert abs(drawn).max() <= math.sqrt(3) * vectors.matrix.std() * 1.001
    assert model.info["coverage"]["words"] == 30 / 32
    assert notes.notes[0].startswith("93.8% of the vocabulary's words have a vector")


def test_learns_order_which_a_bag_of_words_can_not():
    corpus = review_corpus(600, ordered=True)
    labels = corpus.labels[corpus.splits["test"].start :]
    model = train_textcnn(
        corpus, None, embedding="random", dim=16, maps=16, epochs=12, batch_size=16, lr=0.01
    )
    bag = fit_bag_of_words(corpus)
    assert (model.predict_corpus(corpus, "test").argmax(1) == labels).mean() > 0.95
    assert (bag.predict_corpus(corpus, "test").argmax(1) == labels).mean() < 0.65


def test_same_seed_same_model(corpus, tmp_path):
    vectors = make_vectors(corpus)
    for name in ("one", "two"):
        train_textcnn(corpus, vectors, **QUICK).save(tmp_path / name)
    train_textcnn(corpus, vectors, seed=2, **QUICK).save(tmp_path / "other")
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["README.md", "model.json", "model.safetensors", "vocab.safetensors"]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    weights = (tmp_path / "one" / "model.safetensors").read_bytes()
    assert weights != (tmp_path / "other" / "model.safetensors").read_bytes()


KILLED = """
import os, signal, sys
from pathlib import Path
import torch
from classifiers.test_textcnn import train_with_checkpoints
from training.toy_networks import Notes

class Killer(Notes):
    def update(self, done, total, unit, **facts):
        if done > 0.7 * total:
            os.kill(os.getpid(), signal.SIGKILL)

torch.set_num_threads(1)
train_with_checkpoints(Path(sys.argv[1]), Killer())
"""


def train_with_checkpoints(folder, progress):
    corpus = review_corpus()
    return train_textcnn(
        corpus,
        make_vectors(corpus),
        checkpoints=folder,
        progress=progress,
        **{**QUICK, "epochs": 4},
    )


def test_killed_and_started_again(tmp_path):
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path / "checkpoints"],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    notes = Notes()
    train_with_checkpoints(tmp_path / "checkpoints", notes).save(tmp_path / "resumed")
    train_with_checkpoints(None, Notes()).save(tmp_path / "undisturbed")
    assert "resuming from the checkpoint after epoch 2 of 4" in notes.notes
    for path in (tmp_path / "resumed").iterdir():
        assert path.read_bytes() == (tmp_path / "undisturbed" / path.name).read_bytes()


def test_vectors_of_other_words(corpus):
    other = review_corpus()
    vectors = make_vectors(other, leave_out=list(other.vocab.words[2:-1]))
    renamed = type(vectors)(["слово"], vectors.matrix)
    with pytest.raises(InputError, match="none of the 1 vectors belongs to a word"):
        train_textcnn(corpus, renamed)
    with pytest.raises(InputError, match="'tuned' needs vectors"):
        train_textcnn(corpus, None)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("epochs", 0),
        ("batch_size", -1),
        ("lr", 0.0),
        ("dropout", 1.0),
        ("validation", 0.0),
        ("widths", ()),
        ("widths", (3, 0)),
        ("embedding", "frozen"),
        ("max_length", 0),
        ("patience", 0),
        ("device", "tpu"),
    ],
)
def test_bad_settings(corpus, setting, value):
    with pytest.raises(InputError, match=setting):
        train_textcnn(corpus, None, **{"embedding": "random", setting: value})


def test_unknown_setting(corpus):
    with pytest.raises(TypeError, match="epochs"):
        train_textcnn(corpus, None, epoch=3)
