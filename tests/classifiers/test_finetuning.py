"""A network that begins with the weights of another: the same for all kinds of networks."""

from functools import cache

import numpy as np
import pytest
import torch
from classifiers.toy_corpora import make_corpus, make_vectors, reviews
from classifiers.trainers import (
    LONG,
    NETWORKS,
    STILL,
    Killed,
    Killer,
    accuracy,
    corpus,
    moved,
    of_networks,
    saved,
    train,
    trained,
    weights,
)
from training.toy_networks import Notes

from textdl.classifiers import Ensemble, fit_nbsvm, fitting, train_bag_of_vectors
from textdl.classifiers.finetuning import features_of
from textdl.errors import InputError
from textdl.progress import Silent
from textdl.training.batches import Batches
from textdl.training.loop import validate
from textdl.vectors import Vectors

LAYERS = {"birnn": "layers", "transformer": "blocks"}
NO_DROPOUT = {"dropout": 0.0}


@cache
def source(name, **settings):
    return train(name, corpus(), **{"epochs": 4, "patience": 4, **settings})


@cache
def other_corpus(*label_names):
    """Some of its words are those of :func:`corpus`; more frequent ones are new."""
    splits = {
        split: [(f"{text.replace('w1', 'v1')} new new", label) for text, label in reviews(n, seed)]
        for split, n, seed in (("train", 80, 5), ("test", 100, 6))
    }
    return make_corpus(list(label_names or ("neg", "pos")), **splits)


def begin(name, target, start, **settings):
    """A network as it is before it is trained."""
    return train(name, target, init_from=start, **{**STILL, **settings})


def proba(model, target):
    return model.predict_corpus(target, "test")


# What is taken over


@of_networks
def test_weights_by_name_and_word_vectors_by_word(name):
    start, target = source(name), other_corpus()
    begun = begin(name, target, start)
    ours, theirs = weights(begun), weights(start)
    table, their_table = ours.pop("channels.0.weight"), theirs.pop("channels.0.weight")
    assert max(moved(theirs, ours).values()) < 1e-6
    known = 0
    for row, word in enumerate(target.vocab.words):
        there = start.vocab.words.find(word)
        if there >= 0:
            known += 1
            assert torch.allclose(table[row], their_table[there], atol=1e-6)
        else:
            assert table[row].any()
    assert 10 < known < len(target.vocab)


@of_networks
@pytest.mark.parametrize("ours", ["tuned", "static", "two-channel", "random"])
@pytest.mark.parametrize("theirs", ["tuned", "two-channel"])
def test_sees_what_the_source_saw(name, theirs, ours):
    vectors = make_vectors(corpus())
    start = train(name, corpus(), vectors, embedding=theirs, epochs=1)
    begun = begin(name, corpus(), start, embedding=ours)
    assert np.allclose(proba(begun, corpus()), proba(start, corpus()), atol=1e-5)


@of_networks
def test_given_vectors_are_for_words_that_the_source_lacks(name):
    start, target = source(name), other_corpus()
    words = ["new", "good"]
    vectors = Vectors(words, np.full((2, 8), 7.0))
    table = begin(name, target, start, vectors=vectors).network.channels[0].weight.detach()
    assert (table[target.vocab.words.find("new")] == 7).all()
    good = start.network.channels[0].weight[start.vocab.words.find("good")]
    assert torch.allclose(table[target.vocab.words.find("good")], good, atol=1e-6)


@of_networks
def test_other_labels_begin_a_new_output_layer(name):
    start = source(name)
    for names, same in ((("neg", "pos"), True), (("no", "yes"), False), (("a", "b", "c"), False)):
        texts = [(text, i % len(names)) for i, (text, _) in enumerate(reviews(60, 3))]
        notes = Notes()
        begun = begin(name, make_corpus(list(names), train=texts), start, progress=notes)
        rows = begun.network.output.weight
        assert rows.shape[0] == len(names)
        assert (
            rows.shape == start.network.output.weight.shape
            and torch.allclose(rows, start.network.output.weight, atol=1e-6)
        ) == same
        (note,) = (note for note in notes.notes if "tensors are the source's" in note)
        assert note.endswith("these begin anew: output.bias, output.weight") == (not same)


@of_networks
def test_reset_parts_begin_anew(name):
    start = source(name)
    part = {"textcnn": "filters"}.get(name) or LAYERS[name]
    begun = begin(name, corpus(), start, reset=("output", part))
    for key, distance in moved(weights(start), weights(begun)).items():
        if key.split(".")[0] not in ("output", part):
            assert distance < 1e-6
        elif key.endswith("weight") and "norm" not in key:
            assert distance > 0.1


@of_networks
def test_word_vectors_begin_anew(name):
    start, vectors = source(name), make_vectors(corpus())
    begun = begin(name, corpus(), start, vectors=vectors, reset=("channels",))
    rows = corpus().vocab.words.find_all(vectors.words)
    table = begun.network.channels[0].weight.detach().numpy()
    assert np.allclose(table[rows], vectors.matrix, atol=1e-6)
    with pytest.raises(InputError, match="embedding 'tuned' needs vectors"):
        begin(name, corpus(), start, reset=("channels",))


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize(("theirs", "ours"), [(1, 3), (3, 1), (2, 2)])
def test_more_and_fewer_layers_than_the_source(name, theirs, ours):
    start = source(name, layers=theirs)
    begun = begin(name, corpus(), start, layers=ours)
    distances = moved(weights(begun), weights(begun) | weights(start))
    common = [key for key in weights(begun) if key in weights(start)]
    assert max(distances[key] for key in common) < 1e-6
    numbers = {int(key.split(".")[1]) for key in weights(begun) if key.startswith(LAYERS[name])}
    assert numbers == set(range(ours))
    assert len(common) == len(weights(begun if ours < theirs else start))
    model = train(name, corpus(), init_from=start, layers=ours)
    assert accuracy(model, corpus()) > 0.9


# What stays as it is


@of_networks
def test_frozen_word_vectors_do_not_move(name):
    start = source(name)
    model = train(name, corpus(), init_from=start, freeze=("channels",))
    distances = moved(weights(start), weights(model))
    assert torch.equal(model.network.channels[0].weight, start.network.channels[0].weight)
    assert distances["output.weight"] > 1e-3
    assert sum(distance > 1e-4 for distance in distances.values()) > 2


@of_networks
@pytest.mark.parametrize("disturbed", [{}, {"word_dropout": 0.1}], ids=["cached", "computed"])
def test_a_frozen_body_does_not_move(name, disturbed):
    own = {"batch_norm": True} if name == "textcnn" else {}
    start = source(name, **own)
    model = train(name, corpus(), init_from=start, freeze=("body",), **own, **disturbed)
    for key, value in weights(model).items():
        assert torch.equal(value, weights(start)[key]) != key.startswith("output"), key


@of_networks
@pytest.mark.parametrize("disturbed", [{}, {"word_dropout": 0.1}], ids=["cached", "computed"])
def test_max_norm_does_not_move_a_frozen_body(name, disturbed):
    start = source(name)
    below = LAYERS.get(name, "channels")
    bounded = {"max_norm": 0.05, "max_norm_layers": ("output", below, "channels"), **disturbed}
    model = train(name, corpus(), init_from=start, freeze=("body",), **bounded)
    for key, value in weights(model).items():
        assert torch.equal(value, weights(start)[key]) != key.startswith("output"), key
    assert weights(start)["output.weight"].norm(dim=1).max() > 0.1
    assert weights(model)["output.weight"].norm(dim=1).max() < 0.05 + 1e-6
    with pytest.raises(InputError, match=r"no module 'head' to limit: it has .*channels"):
        train(
            name, corpus(), init_from=start, freeze=("body",), max_norm=1.0,
            max_norm_layers=("head",), **disturbed,
        )  # fmt: skip


@of_networks
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"freeze": ("body", "output")}, "freeze: body, output: nothing is left to train"),
        (
            {"freeze": ("chanels",)},
            "freeze: no part 'chanels': there are .*channels, .*output, body",
        ),
        ({"freeze": ("dropout",)}, "freeze: no part 'dropout'"),
        ({"reset": ("head",)}, "reset: no part 'head': there are .*channels, .*output$"),
        ({"reset": ("body",)}, "reset: no part 'body'"),
    ],
)
def test_parts_that_are_none(name, settings, message):
    with pytest.raises(InputError, match=message):
        train(name, corpus(), init_from=source(name), **settings)


# Features that are computed once


def batches(target, split, **settings):
    rows = np.array(target.splits[split])
    return Batches(target.tokens, target.offsets, rows, target.labels[rows], **settings)


@of_networks
def test_cached_features_are_those_of_the_network(name):
    network = source(name).network
    kept = {key: p.requires_grad for key, p in network.named_parameters()}
    training, held_out = (batches(corpus(), split) for split in ("train", "test"))
    whole = features_of(network, training, held_out, device="cpu", progress=Silent())
    assert whole == (network, training, held_out)
    for key, parameter in network.named_parameters():
        parameter.requires_grad_(key.startswith("output."))
    parts = features_of(network, training, held_out, device="cpu", progress=Silent())
    for key, parameter in network.named_parameters():
        parameter.requires_grad_(kept[key])
    head = parts[0].eval()
    assert head.output is network.output
    for cached, computed in zip(parts[1:], (training, held_out), strict=True):
        assert len(cached) == len(computed)
        assert np.array_equal(cached.labels, computed.labels)
        found = torch.empty(len(cached), 2)
        for batch in cached.in_order():
            found[batch.rows] = head(batch.ids, batch.lengths)
        for batch in computed.in_order():
            expected = network.eval()(batch.ids, batch.lengths)
            assert torch.allclose(found[batch.rows], expected, atol=1e-5)


@of_networks
def test_training_on_them_is_training_the_network(name, monkeypatch):
    settings = {
        "init_from": source(name, **NO_DROPOUT), "freeze": ("body",),
        "reset": ("output",), "batch_size": 500, **NO_DROPOUT,
    }  # fmt: skip
    cached = train(name, corpus(), **settings)
    monkeypatch.setattr(fitting, "features_of", lambda *networks, **_: networks)
    computed = train(name, corpus(), **settings)
    for key, value in weights(cached).items():
        assert torch.allclose(value, weights(computed)[key], atol=1e-5), key
    for one, two in zip(cached.history, computed.history, strict=True):
        assert one.validation_loss == pytest.approx(two.validation_loss, abs=1e-5)


@of_networks
def test_the_trained_layer_says_the_same_in_the_whole_network(name):
    split = make_corpus(["neg", "pos"], train=reviews(100, 1), validation=reviews(50, 2))
    model = train(name, split, init_from=source(name), freeze=("body",))
    tally = validate(model.network, batches(split, "validation"))
    best = model.history[model.history.best]
    assert tally.loss == pytest.approx(best.validation_loss, abs=1e-5)
    assert tally.accuracy == best.validation_accuracy


@of_networks
def test_the_body_is_called_once_for_all_epochs(name, monkeypatch):
    kind, calls = type(source(name).network), []
    encode = kind.encode

    def counted(self, ids, lengths):
        calls.append(len(ids))
        return encode(self, ids, lengths)

    monkeypatch.setattr(kind, "encode", counted)
    notes = Notes()
    settings = {"init_from": source(name), "progress": notes}
    train(name, corpus(), freeze=("body",), **settings)
    assert sum(calls) == 200
    assert "only the output layer is trained: computing its features once" in notes.notes
    train(name, corpus(), **settings)
    assert sum(calls) == 200 + 3 * 200


@of_networks
def test_killed_and_started_again(name, tmp_path):
    settings = {"init_from": source(name), "freeze": ("body",)}
    kept = {"checkpoints": tmp_path / "checkpoints", "checkpoint_steps": 5}
    with pytest.raises(Killed):
        train(name, corpus(), progress=Killer(batches=20), **settings, **kept)
    notes = Notes()
    resumed = train(name, corpus(), progress=notes, **settings, **kept)
    assert any(note.startswith("resuming from the checkpoint after ep") for note in notes.notes)
    undisturbed = train(name, corpus(), **settings)
    assert saved(resumed, tmp_path / "one") == saved(undisturbed, tmp_path / "two")


# From the top down


@of_networks
def test_gradual_unfreezing_begins_with_the_output_layer(name):
    start = source(name, epochs=1)
    settings = {"init_from": start, "unfreeze": "gradual", "monitor": "loss"}
    one, two = (train(name, corpus(), epochs=n, lr=0.003, **settings) for n in (1, 2))
    assert [one.history.best, two.history.best] == [0, 1]
    for key, value in weights(one).items():
        assert torch.equal(value, weights(start)[key]) != key.startswith("output."), key
    changed = {key for key, distance in moved(weights(start), weights(two)).items() if distance}
    assert "channels.0.weight" not in changed
    assert {key.split(".")[0] for key in changed} - {"output"}
    assert all(p.requires_grad for p in two.network.parameters())


@of_networks
def test_the_four_steps(name):
    target = other_corpus("bad", "fine")
    head = train(
        name,
        target,
        init_from=source(name),
        freeze=("body",),
        **{**LONG, "epochs": 20, "patience": 20},
    )
    assert head.label_names == ["bad", "fine"]
    full = train(name, target, init_from=head, lr=0.002, epochs=4)
    scratch = train(name, target, epochs=4)
    assert accuracy(head, target) > 0.9
    assert accuracy(full, target) > 0.95
    assert accuracy(full, target) >= accuracy(scratch, target)


# Sources that do not fit


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("theirs", NETWORKS)
def test_networks_of_another_kind(name, theirs):
    if name == theirs:
        pytest.skip("they fit")
    with pytest.raises(InputError, match=f"init_from: nothing of the {theirs} fits this {name}"):
        train(name, corpus(), init_from=source(theirs))


def test_networks_of_other_sizes():
    with pytest.raises(
        InputError, match=r"nothing of the textcnn fits this textcnn: .* same sizes"
    ):
        train("textcnn", corpus(), init_from=source("textcnn"), maps=9)


@of_networks
def test_models_without_word_vectors(name):
    vectors = make_vectors(corpus())
    for model, kind in (
        (fit_nbsvm(corpus()), "ngrams"),
        (train_bag_of_vectors(corpus(), dim=8, buckets=50, epochs=1), "meanvectors"),
    ):
        with pytest.raises(InputError, match=f"init_from: a {kind} has no word vectors to begin"):
            train(name, corpus(), init_from=model)
        with pytest.raises(InputError, match=f"init_from: nothing of the {kind} fits this {name}"):
            train(name, corpus(), vectors, init_from=model)


@of_networks
def test_an_ensemble_is_no_source(name):
    ensemble = Ensemble({"one": trained(name)})
    for vectors in (None, make_vectors(corpus())):
        with pytest.raises(InputError, match="init_from: an ensemble has no weights"):
            train(name, corpus(), vectors, init_from=ensemble)
    with pytest.raises(InputError, match=f"train_{name}: init_from: .* SentimentModel"):
        train(name, corpus(), init_from=corpus())


@pytest.mark.parametrize("name", LAYERS)
def test_one_layer_of_several_is_frozen_or_begins_anew(name):
    lowest, upper = f"{LAYERS[name]}.0", f"{LAYERS[name]}.1"
    start = source(name, layers=2)
    frozen = train(name, corpus(), init_from=start, layers=2, epochs=1, freeze=(lowest,))
    still = [part for part, by in moved(weights(start), weights(frozen)).items() if by == 0]
    assert still
    assert all(part.startswith(f"{lowest}.") for part in still)
    anew = begin(name, corpus(), start, layers=2, reset=(upper,))
    changed = [part for part, by in moved(weights(start), weights(anew)).items() if by > 1e-3]
    assert changed
    assert all(part.startswith(f"{upper}.") for part in changed)


def test_weights_that_would_mean_something_else_are_refused():
    with pytest.raises(InputError, match=r"source has widths \[3, 4, 5\].* Set widths to"):
        train("textcnn", corpus(), init_from=source("textcnn"), widths=(2, 4, 6))
    with pytest.raises(InputError, match="'xavier' draws anew what init_from gives"):
        train("textcnn", corpus(), init_from=source("textcnn"), initialisation="xavier")


@pytest.mark.parametrize(
    ("name", "theirs", "ours", "reset"),
    [
        ("textcnn", {}, {"widths": (2, 3)}, ("filters", "biases", "output")),
        ("textcnn", {}, {"widths": (2, 4, 6)}, ("filters",)),
        ("birnn", {}, {"cell": "gru"}, ("layers",)),
        ("transformer", {}, {"heads": 4}, ("blocks",)),
        ("transformer", {"norm": "post"}, {"norm": "pre"}, ("blocks",)),
        ("transformer", {}, {"positions": "sinusoidal"}, ("blocks",)),
    ],
)
def test_what_begins_anew_may_mean_something_else(name, theirs, ours, reset):
    start = source(name, **theirs)
    begun = begin(name, corpus(), start, reset=reset, **ours)
    table = weights(begun)["channels.0.weight"]
    assert torch.allclose(table, weights(start)["channels.0.weight"], atol=1e-6)
    (setting,) = ours
    with pytest.raises(InputError, match=f"the source has {setting} .*, or reset {reset[0]}"):
        begin(name, corpus(), start, **ours)


@pytest.mark.parametrize(
    ("name", "ours", "anew", "kept"),
    [
        ("textcnn", {"k": 2}, "output", "biases"),
        ("transformer", {"feedforward": 24}, "blocks.0.feedforward.2", "blocks.0.attention"),
    ],
)
def test_a_module_is_taken_over_whole(name, ours, anew, kept):
    start, notes = source(name), Notes()
    begun = begin(name, corpus(), start, progress=notes, **ours)
    note = next(note for note in notes.notes if "begin anew" in note)
    assert f"{anew}.bias, {anew}.weight" in note
    assert kept not in note
    assert weights(begun)[f"{anew}.bias"].shape == weights(start)[f"{anew}.bias"].shape
    assert not torch.allclose(weights(begun)[f"{anew}.bias"], weights(start)[f"{anew}.bias"])
